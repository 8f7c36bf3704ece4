import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { migrations } from './index.ts'

it('every migration has its number, its file and its test', () => {
  const files = readdirSync(import.meta.dirname)
  expect(migrations.map((m) => m.version)).toEqual(migrations.map((_, i) => i + 1))
  const names = migrations.map((m) => `${String(m.version).padStart(3, '0')}-${m.name}`)
  const numbered = files.filter((name) => /^\d{3}-/.test(name)).sort()
  expect(numbered).toEqual(names.flatMap((name) => [`${name}.test.ts`, `${name}.ts`]))
})
