import { bytes, concat, f32, u32, u64, utf8, zeros } from './bytes.ts'

/** Writes GGUF files for tests, right ones and, because every part can be replaced, wrong ones. */

export const str = (text: string | Uint8Array): Uint8Array => {
  const content = typeof text === 'string' ? utf8(text) : text
  return concat(u64(content.byteLength), content)
}

/** A metadata entry; `type` is the format's value type number, `value` its bytes. */
export const entry = (key: string | Uint8Array, type: number, value: Uint8Array): Uint8Array =>
  concat(str(key), u32(type), value)

export const stringEntry = (key: string, value: string): Uint8Array => entry(key, 8, str(value))
export const u32Entry = (key: string, value: number): Uint8Array => entry(key, 4, u32(value))
export const f32Entry = (key: string, value: number): Uint8Array => entry(key, 6, f32(value))
export const boolEntry = (key: string, value: number): Uint8Array => entry(key, 7, bytes(value))

/** An array value: item type, declared length (the number of items unless told otherwise), items. */
export const array = (type: number, items: readonly Uint8Array[], length: number | bigint = items.length): Uint8Array =>
  concat(u32(type), u64(length), ...items)

/** A tensor list entry; dimensions innermost first, as the file has them. */
export const tensorInfo = (
  name: string | Uint8Array,
  dimensions: readonly (number | bigint)[],
  type: number,
  offset: number | bigint,
): Uint8Array => concat(str(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset))

export interface GgufParts {
  magic?: string
  version?: Uint8Array
  tensorCount?: number | bigint
  entryCount?: number | bigint
  entries?: readonly Uint8Array[]
  tensors?: readonly Uint8Array[]
  alignment?: number
  data?: Uint8Array
}

/** Puts the parts together; counts are right unless given, the data part is aligned. */
export function ggufFile(parts: GgufParts = {}): Uint8Array {
  const { entries = [stringEntry('general.architecture', 'llama')], tensors = [], alignment = 32 } = parts
  const header = concat(
    utf8(parts.magic ?? 'GGUF'),
    parts.version ?? u32(3),
    u64(parts.tensorCount ?? tensors.length),
    u64(parts.entryCount ?? entries.length),
    ...entries,
    ...tensors,
  )
  if (parts.data === undefined) return header
  return concat(header, zeros(-header.byteLength & (alignment - 1)), parts.data)
}

/** Two float32 tensors `a` [2, 3] and `b` [4], written correctly: 24 bytes, padding to 32, 16 bytes. */
export function goodGguf(version = 3): Uint8Array {
  return ggufFile({
    version: u32(version),
    entries: [stringEntry('general.architecture', 'llama'), u32Entry('llama.block_count', 1)],
    tensors: [tensorInfo('a', [3, 2], 0, 0), tensorInfo('b', [4], 0, 32)],
    data: concat(f32(1, 2, 3, 4, 5, 6), zeros(8), f32(7, 8, 9, 10)),
  })
}
