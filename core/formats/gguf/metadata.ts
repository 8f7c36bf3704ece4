import { AppError } from '../../kit/index.ts'
import { excerpt, isUsableName } from '../names.ts'
import type { Cursor } from './cursor.ts'
import { limits } from './limits.ts'
import type { GgufArray, GgufMetadata, GgufNumbers, GgufValue } from './values.ts'

/** Value types by number, as in the format's description. */
const BOOL = 7
const STRING = 8
const ARRAY = 9

const NUMBERS: ReadonlyMap<number, { bytes: number; make: (length: number) => GgufNumbers }> = new Map([
  [0, { bytes: 1, make: (n: number) => new Uint8Array(n) }],
  [1, { bytes: 1, make: (n: number) => new Int8Array(n) }],
  [2, { bytes: 2, make: (n: number) => new Uint16Array(n) }],
  [3, { bytes: 2, make: (n: number) => new Int16Array(n) }],
  [4, { bytes: 4, make: (n: number) => new Uint32Array(n) }],
  [5, { bytes: 4, make: (n: number) => new Int32Array(n) }],
  [6, { bytes: 4, make: (n: number) => new Float32Array(n) }],
  [10, { bytes: 8, make: (n: number) => new BigUint64Array(n) }],
  [11, { bytes: 8, make: (n: number) => new BigInt64Array(n) }],
  [12, { bytes: 8, make: (n: number) => new Float64Array(n) }],
])

/** Least bytes of a key and its value: an 8-byte length, one character, a 4-byte type, a 1-byte value. */
export const MIN_ENTRY_BYTES = 14

/** Reads `count` keys with their values. */
export function readMetadata(cursor: Cursor, count: number): GgufMetadata {
  const metadata = new Map<string, GgufValue>()
  const reader = new ValueReader(cursor)
  for (let i = 0; i < count; i++) {
    const key = readKey(cursor)
    if (metadata.has(key)) {
      throw new AppError('format.gguf.duplicate_key', { path: cursor.path, key: excerpt(key) })
    }
    metadata.set(key, reader.value(key))
  }
  return metadata
}

function readKey(cursor: Cursor): string {
  const fail = (length: number) =>
    new AppError('format.gguf.key', { path: cursor.path, length, limit: limits.keyBytes })
  const key = cursor.string(limits.keyBytes, fail)
  if (!isUsableName(key, limits.keyBytes)) throw fail(key.length)
  return key
}

/** Reads values and keeps the count of objects they create within the limit. */
class ValueReader {
  readonly #cursor: Cursor
  #objects = 0

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  value(key: string): GgufValue {
    const type = this.#cursor.u32()
    this.#count(1)
    switch (type) {
      case 0:
        return this.#cursor.u8()
      case 1:
        return this.#cursor.i8()
      case 2:
        return this.#cursor.u16()
      case 3:
        return this.#cursor.i16()
      case 4:
        return this.#cursor.u32()
      case 5:
        return this.#cursor.i32()
      case 6:
        return this.#cursor.f32()
      case BOOL:
        return this.#boolean()
      case STRING:
        return this.#cursor.string()
      case ARRAY:
        return this.#array(key, 1)
      case 10:
        return exactNumber(this.#cursor.u64())
      case 11:
        return exactNumber(this.#cursor.i64())
      case 12:
        return this.#cursor.f64()
      default:
        throw new AppError('format.gguf.value_type', { path: this.#cursor.path, key: excerpt(key), type })
    }
  }

  #array(key: string, depth: number): GgufArray {
    const { path } = this.#cursor
    if (depth > limits.arrayDepth) {
      throw new AppError('format.gguf.array_depth', { path, key: excerpt(key), limit: limits.arrayDepth })
    }
    this.#count(64)
    const type = this.#cursor.u32()
    const length = this.#cursor.size()
    const numbers = NUMBERS.get(type)
    if (numbers === undefined && type !== BOOL && type !== STRING && type !== ARRAY) {
      throw new AppError('format.gguf.value_type', { path, key: excerpt(key), type })
    }
    const leastItemBytes = numbers?.bytes ?? (type === STRING ? 8 : type === ARRAY ? 12 : 1)
    if (length > this.#cursor.remaining / leastItemBytes) {
      throw new AppError('format.gguf.array_length', {
        path,
        key: excerpt(key),
        length,
        remaining: this.#cursor.remaining,
      })
    }
    if (numbers !== undefined) {
      const values = length * numbers.bytes > limits.headerBytes ? undefined : numbers.make(length)
      if (values === undefined) throw new AppError('format.gguf.header_too_large', { path, limit: limits.headerBytes })
      this.#cursor.fill(new Uint8Array(values.buffer))
      return values
    }
    this.#count(type === ARRAY ? 0 : length)
    if (type === STRING) return this.#items(length, () => this.#cursor.string())
    if (type === BOOL) return this.#items(length, () => this.#boolean())
    return this.#items(length, () => this.#array(key, depth + 1))
  }

  #items<T>(length: number, read: () => T): readonly T[] {
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read())
    return Object.freeze(items)
  }

  #boolean(): boolean {
    const byte = this.#cursor.u8()
    if (byte > 1) throw new AppError('format.gguf.boolean', { path: this.#cursor.path, value: byte })
    return byte === 1
  }

  #count(objects: number): void {
    this.#objects += objects
    if (this.#objects > limits.objects) {
      throw new AppError('format.gguf.metadata_too_large', { path: this.#cursor.path, limit: limits.objects })
    }
  }
}

function exactNumber(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
