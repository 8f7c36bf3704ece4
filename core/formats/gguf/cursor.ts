import { AppError, type ReadHandle } from '../../kit/index.ts'
import { readExactly } from '../plain-file.ts'
import { limits } from './limits.ts'

/** Bytes read ahead. A longer string is read by itself. */
const WINDOW_BYTES = 1 << 20

/**
 * Reads the header of a GGUF file forwards through a window. Every length is checked against what is left of the file
 * before anything is allocated for it.
 */
export class Cursor {
  readonly path: string
  readonly #file: ReadHandle
  readonly #window: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #text: Buffer
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #windowStart = 0
  #filled = 0
  #at = 0

  constructor(file: ReadHandle) {
    this.path = file.path
    this.#file = file
    this.#window = new Uint8Array(Math.min(WINDOW_BYTES, file.size))
    this.#view = new DataView(this.#window.buffer)
    this.#text = Buffer.from(this.#window.buffer)
  }

  /** Offset in the file of the next byte. */
  get position(): number {
    return this.#windowStart + this.#at
  }

  /** Bytes from here to the end of the file. */
  get remaining(): number {
    return this.#file.size - this.position
  }

  u8 = (): number => this.#view.getUint8(this.#next(1))
  i8 = (): number => this.#view.getInt8(this.#next(1))
  u16 = (): number => this.#view.getUint16(this.#next(2), true)
  i16 = (): number => this.#view.getInt16(this.#next(2), true)
  u32 = (): number => this.#view.getUint32(this.#next(4), true)
  i32 = (): number => this.#view.getInt32(this.#next(4), true)
  f32 = (): number => this.#view.getFloat32(this.#next(4), true)
  f64 = (): number => this.#view.getFloat64(this.#next(8), true)
  u64 = (): bigint => this.#view.getBigUint64(this.#next(8), true)
  i64 = (): bigint => this.#view.getBigInt64(this.#next(8), true)

  /** A 64-bit count or size as a number; beyond 2^53 it is rounded, which no later range check can mistake for a small one. */
  size(): number {
    const at = this.#next(8)
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true)
  }

  /** A length-prefixed UTF-8 string of at most `limit` bytes; `tooLong` makes the error for a longer one. */
  string(limit = Number.POSITIVE_INFINITY, tooLong?: (bytes: number) => AppError): string {
    const at = this.position
    const length = this.size()
    if (length > this.remaining) {
      throw new AppError('format.gguf.string_length', { path: this.path, at, length, remaining: this.remaining })
    }
    if (length > limit && tooLong !== undefined) throw tooLong(length)
    if (length > WINDOW_BYTES) {
      this.#limitHeader(length)
      const bytes = new Uint8Array(length)
      this.fill(bytes)
      return this.#decode(Buffer.from(bytes.buffer), 0, length, at)
    }
    const begin = this.#next(length)
    return this.#decode(this.#text, begin, begin + length, at)
  }

  /** Fills `target` (whose size the caller has checked against `remaining`) with the next bytes. */
  fill(target: Uint8Array): void {
    if (target.byteLength <= this.#window.byteLength) {
      const begin = this.#next(target.byteLength)
      target.set(this.#window.subarray(begin, begin + target.byteLength))
      return
    }
    this.#limitHeader(target.byteLength)
    const position = this.position
    readExactly(this.#file, target, position)
    this.#windowStart = position + target.byteLength
    this.#filled = 0
    this.#at = 0
  }

  /** Index in the window of the next `bytes` bytes (at most the window's size), which are thereby taken. */
  #next(bytes: number): number {
    if (this.#at + bytes > this.#filled) this.#refill(bytes)
    const at = this.#at
    this.#at += bytes
    return at
  }

  #refill(bytes: number): void {
    if (bytes > this.remaining) throw new AppError('format.gguf.truncated', { path: this.path, bytes: this.#file.size })
    this.#limitHeader(bytes)
    this.#windowStart = this.position
    this.#at = 0
    this.#filled = Math.min(this.#window.byteLength, this.#file.size - this.#windowStart)
    readExactly(this.#file, this.#window.subarray(0, this.#filled), this.#windowStart)
  }

  #limitHeader(bytes: number): void {
    if (this.position + bytes > limits.headerBytes) {
      throw new AppError('format.gguf.header_too_large', { path: this.path, limit: limits.headerBytes })
    }
  }

  /** Most strings of a vocabulary are ASCII, which needs no decoder; the rest must be valid UTF-8. */
  #decode(bytes: Buffer, begin: number, end: number, at: number): string {
    let union = 0
    for (let i = begin; i < end; i++) union |= bytes[i]
    if (union < 0x80) return bytes.toString('latin1', begin, end)
    try {
      return this.#utf8.decode(bytes.subarray(begin, end))
    } catch (error) {
      throw new AppError('format.gguf.utf8', { path: this.path, at }, { cause: error })
    }
  }
}
