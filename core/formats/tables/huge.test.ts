import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { isAppError } from '../../kit/index.ts'
import { readTable } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tables-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Highest resident memory of this process so far, bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024

function writeHuge(name: string, head: string, unit: string, bytes: number): string {
  const path = join(folder, name)
  const file = openSync(path, 'w')
  writeSync(file, head)
  const block = Buffer.from(unit.repeat(Math.ceil(1_000_000 / unit.length)))
  for (let done = 0; done < bytes; done += block.length) writeSync(file, block)
  closeSync(file)
  return path
}

it.each([
  ['quoted.csv', 'text,label\na,b\n"', 'x', { code: 'data.cell_too_large', line: 3 }],
  ['plain.csv', 'text,label\na,b\n', 'x', { code: 'data.cell_too_large', line: 3 }],
  ['separators.csv', 'text,label\na,b\n', ',', { code: 'data.too_many_columns', line: 3 }],
  ['string.jsonl', '{"a":1}\n{"a":"', 'x', { code: 'data.cell_too_large', line: 2 }],
  ['string.json', '[{"a":1},\n{"a":"', 'x', { code: 'data.cell_too_large', line: 2 }],
  ['line.txt', 'a\n', 'x', { code: 'data.cell_too_large', line: 2 }],
])('P-12 a 100 MB cell in %s is refused without a memory balloon', (name, head, unit, expected) => {
  const path = writeHuge(name, head, unit, 100_000_000)
  const before = peak()
  let caught: unknown
  try {
    for (const _ of readTable(path));
  } catch (error) {
    caught = error
  }
  rmSync(path)
  if (!isAppError(caught)) throw caught
  expect({ code: caught.code, ...caught.data }).toMatchObject(expected)
  expect((peak() - before) / 2 ** 20).toBeLessThan(64)
})
