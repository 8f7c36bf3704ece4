import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { encodeSafetensors, openSafetensors } from '../../core/formats/safetensors/index.ts'
import type { ParityReport } from '../../tools/parity/report.ts'

export const root = resolve(import.meta.dirname, '../..')
export const fixtures = join(root, 'tests/fixtures')

/** Copies a fixture folder to where a test may change it. */
export function copyTo(target: string, name: string): string {
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(fixtures, name), target, { recursive: true })
  return target
}

export function failedNames(report: ParityReport): string[] {
  return report.checks.filter((check) => !check.ok).map((check) => check.name)
}

/** Stored items of one tensor, to be changed in place. */
export type Items = Float32Array | Float64Array | BigInt64Array

/** Rewrites a safetensors file of float32, float64 and int64 tensors. */
export function rewriteTensors(path: string, change: (name: string, items: Items) => void, more: string[] = []): void {
  const source = openSafetensors(path)
  const tensors = source.names().map((name) => {
    const { dtype, shape } = source.info(name)
    const { buffer } = source.readBytes(name).slice()
    const items =
      dtype === 'F32'
        ? new Float32Array(buffer)
        : dtype === 'F64'
          ? new Float64Array(buffer)
          : new BigInt64Array(buffer)
    change(name, items)
    return { name, dtype, shape, data: items }
  })
  source.close()
  const added = more.map((name) => ({ name, dtype: 'F32', shape: [1], data: new Float32Array(1) }))
  writeFileSync(path, encodeSafetensors([...tensors, ...added]))
}

/** Makes the largest element larger by this factor, or swaps the first id for its neighbour. */
export function nudge(items: Items, factor = 1.01): void {
  if (items instanceof BigInt64Array) {
    items[0] = items[0]! ^ 1n
    return
  }
  let largest = 0
  for (let i = 1; i < items.length; i++) if (Math.abs(items[i]!) > Math.abs(items[largest]!)) largest = i
  items[largest] = items[largest]! * factor
}

/** Rewrites a JSON file. */
export function rewriteJson<T>(path: string, change: (value: T) => void): void {
  const value = JSON.parse(readFileSync(path, 'utf8')) as T
  change(value)
  writeFileSync(path, JSON.stringify(value))
}

/**
 * Names among these that docs/support.md does not admit as gaps: word for word, as part of a group (`dpo.*`), or as one
 * of a kind (`dequantise.<type>` with the types behind it).
 */
export function notAdmitted(names: readonly string[]): string[] {
  const page = readFileSync(join(root, 'docs/support.md'), 'utf8')
  const section = /^## Recorded quantities that parity skips$(.*?)^## /ms.exec(page)?.[1] ?? ''
  const items = section.split(/^- /m)
  return names.filter((name) => {
    const [group, kind] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
    const ofKind = items.some((item) => item.startsWith(`\`${group}.<type>\``) && item.includes(`\`${kind}\``))
    return !section.includes(`\`${name}\``) && !section.includes(`\`${group}.*\``) && !ofKind
  })
}
