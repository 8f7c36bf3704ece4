import { AppError } from '../../kit/index.ts'

/** One number type of the format, as an array of it is held. */
export type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array

/** Arrays of numbers are typed arrays (64-bit integers: the BigInt ones); other arrays are plain and frozen. */
export type GgufArray = GgufNumbers | readonly string[] | readonly boolean[] | readonly GgufArray[]

/** A metadata value. 64-bit integers are numbers when they are safe integers, else bigint. */
export type GgufValue = number | bigint | boolean | string | GgufArray

export type GgufMetadata = ReadonlyMap<string, GgufValue>

/** The text under `key`; undefined when absent, `format.gguf.metadata_type` when it is something else. */
export function ggufString(metadata: GgufMetadata, key: string): string | undefined {
  return typed(metadata, key, 'string', (value): value is string => typeof value === 'string')
}

/** The number under `key` (of any of the format's number types that is exact in float64). */
export function ggufNumber(metadata: GgufMetadata, key: string): number | undefined {
  return typed(metadata, key, 'number', (value): value is number => typeof value === 'number')
}

export function ggufBoolean(metadata: GgufMetadata, key: string): boolean | undefined {
  return typed(metadata, key, 'bool', (value): value is boolean => typeof value === 'boolean')
}

/** The array of strings under `key` (an empty array of any element type counts). */
export function ggufStrings(metadata: GgufMetadata, key: string): readonly string[] | undefined {
  const found = typed(
    metadata,
    key,
    'array of strings',
    (value): value is readonly string[] =>
      (Array.isArray(value) && value.every((item) => typeof item === 'string')) || isEmptyNumbers(value),
  )
  return found === undefined || found.length > 0 ? found : []
}

/** The array of numbers under `key` as plain numbers' typed array; 64-bit integer arrays are refused by type. */
export function ggufNumbers(
  metadata: GgufMetadata,
  key: string,
): Exclude<GgufNumbers, BigUint64Array | BigInt64Array> | undefined {
  return typed(
    metadata,
    key,
    'array of numbers',
    (value): value is Exclude<GgufNumbers, BigUint64Array | BigInt64Array> =>
      ArrayBuffer.isView(value) && !(value instanceof BigUint64Array) && !(value instanceof BigInt64Array),
  )
}

function isEmptyNumbers(value: GgufValue): boolean {
  return ArrayBuffer.isView(value) && value.byteLength === 0
}

function typed<T extends GgufValue>(
  metadata: GgufMetadata,
  key: string,
  expected: string,
  is: (value: GgufValue) => value is T,
): T | undefined {
  const value = metadata.get(key)
  if (value === undefined || is(value)) return value
  throw new AppError('format.gguf.metadata_type', { key, expected })
}
