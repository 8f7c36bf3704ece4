import { bf16Codec, type FloatCodec, f16Codec, f32Codec, f64Codec } from '../float-codecs.ts'

/** A stored type: bytes of one item and, where values can be read as float32, the conversion. */
export interface Dtype {
  readonly bytes: number
  readonly codec: FloatCodec | undefined
}

const bytesOnly = (bytes: number): Dtype => ({ bytes, codec: undefined })

/**
 * The types of whole bytes that the format's description names, in the order in which writers place them (wide items
 * first, so that every tensor is aligned). Integers, booleans and 8-bit floats are read as bytes only.
 */
export const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['U64', bytesOnly(8)],
  ['I64', bytesOnly(8)],
  ['F64', { bytes: 8, codec: f64Codec }],
  ['C64', bytesOnly(8)],
  ['F32', { bytes: 4, codec: f32Codec }],
  ['U32', bytesOnly(4)],
  ['I32', bytesOnly(4)],
  ['BF16', { bytes: 2, codec: bf16Codec }],
  ['F16', { bytes: 2, codec: f16Codec }],
  ['U16', bytesOnly(2)],
  ['I16', bytesOnly(2)],
  ['F8_E8M0', bytesOnly(1)],
  ['F8_E4M3', bytesOnly(1)],
  ['F8_E5M2', bytesOnly(1)],
  ['I8', bytesOnly(1)],
  ['U8', bytesOnly(1)],
  ['BOOL', bytesOnly(1)],
])

/** Product of the dimensions times the item size, or undefined beyond 2^53 − 1. A zero dimension makes 0 whatever the others say. */
export function byteLengthOf(shape: readonly number[], itemBytes: number): number | undefined {
  if (shape.includes(0)) return 0
  let bytes = itemBytes
  for (const dimension of shape) {
    bytes *= dimension // both factors are at most 2^53, so an unsafe product cannot round down to a safe one
    if (!Number.isSafeInteger(bytes)) return undefined
  }
  return bytes
}
