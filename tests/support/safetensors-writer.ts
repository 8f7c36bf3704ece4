import { concat, f32, u64, utf8 } from './bytes.ts'

/** Builds a safetensors file from any header text or bytes; the length in front is right unless given. */
export function safetensorsFile(
  header: string | Uint8Array,
  data: Uint8Array = new Uint8Array(0),
  declaredLength?: number | bigint,
): Uint8Array {
  const content = typeof header === 'string' ? utf8(header) : header
  return concat(u64(declaredLength ?? content.byteLength), content, data)
}

/** The header member of one tensor. */
export function member(name: string, dtype: string, shape: readonly number[], begin: number, end: number): string {
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${begin},${end}]}`
}

/** Two float32 tensors `a` [2, 3] and `b` [4], written correctly. */
export function goodSafetensors(): Uint8Array {
  const header = `{${member('a', 'F32', [2, 3], 0, 24)},${member('b', 'F32', [4], 24, 40)}}`
  return safetensorsFile(header, f32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
}
