import { AppError, type CancelToken } from '../../kit/index.ts'
import { TABLE_LIMITS } from './limits.ts'
import type { ByteSource } from './source.ts'
import type { DetectedEncoding, TextEncodingName } from './types.ts'

/** Bytes of the longest character in any of the encodings. */
const LONGEST_CHARACTER = 4

/** Bytes of a source that end where a character ends, so each chunk can be decoded on its own. */
export interface AlignedChunk {
  readonly bytes: Uint8Array
  /** Position of the first byte in the source. */
  readonly offset: number
}

/**
 * Walks a source in chunks of bounded size that never cut a character of `encoding`. All chunks share one buffer, which the
 * next step overwrites: a chunk must be used before the following one is asked for.
 */
export function* alignedChunks(
  source: ByteSource,
  encoding: TextEncodingName,
  cancel?: CancelToken,
): Generator<AlignedChunk> {
  const buffer = new Uint8Array(Math.min(TABLE_LIMITS.chunk, source.size) + LONGEST_CHARACTER)
  let carried = 0
  for (let position = 0; position < source.size; ) {
    cancel?.throwIfRequested()
    const count = Math.min(TABLE_LIMITS.chunk, source.size - position)
    const bytes = buffer.subarray(0, carried + count)
    source.read(bytes.subarray(carried), position)
    position += count
    const end = position === source.size ? bytes.length : characterEnd(bytes, encoding)
    yield { bytes: bytes.subarray(0, end), offset: position - bytes.length }
    carried = bytes.length - end
    buffer.copyWithin(0, end, bytes.length)
  }
}

/** Length of the longest prefix that ends with a whole character; malformed tails stay in, for the decoder to refuse. */
export function characterEnd(bytes: Uint8Array, encoding: TextEncodingName): number {
  switch (encoding) {
    case 'utf-8':
      return utf8End(bytes)
    case 'utf-16le':
      return utf16End(bytes, 1)
    case 'utf-16be':
      return utf16End(bytes, 0)
    case 'gb18030':
      return gb18030End(bytes)
    case 'big5':
      return big5End(bytes)
  }
}

function utf8End(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]
    if ((byte & 0xc0) === 0x80) continue
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return need > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function utf16End(bytes: Uint8Array, highByte: 0 | 1): number {
  const even = bytes.length & ~1
  if (even < 2) return even
  const isHighSurrogate = (bytes[even - 2 + highByte] & 0xfc) === 0xd8
  return isHighSurrogate ? even - 2 : even
}

/** GB18030 cannot be read backwards, so it is walked from the front: 1, 2 or 4 bytes a character. */
function gb18030End(bytes: Uint8Array): number {
  let at = 0
  for (let next = 0; next <= bytes.length; ) {
    at = next
    if (at === bytes.length) break
    if (bytes[at] <= 0x80) {
      next = at + 1
      continue
    }
    const second = bytes[at + 1] // undefined at the end: both comparisons are false and two bytes are asked for
    next = at + (second >= 0x30 && second <= 0x39 ? 4 : 2)
  }
  return at
}

function big5End(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const width = bytes[at] <= 0x80 ? 1 : 2
    if (at + width > bytes.length) break
    at += width
  }
  return at
}

/**
 * Decodes a source strictly, chunk by chunk, without its byte order mark.
 * Errors: `data.encoding.invalid` with byte position and line (nothing is ever replaced), `data.format_unknown` for NUL
 * characters. `onBytes` receives the raw bytes in order, for hashing.
 */
export function* decodedText(
  source: ByteSource,
  { encoding, bomBytes }: DetectedEncoding,
  hooks: { cancel?: CancelToken | undefined; onBytes?: (bytes: Uint8Array, position: number) => void } = {},
): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  for (const { bytes, offset } of alignedChunks(source, encoding, hooks.cancel)) {
    hooks.onBytes?.(bytes, offset)
    const content = offset === 0 ? bytes.subarray(bomBytes) : bytes
    let text: string
    try {
      text = decoder.decode(content)
    } catch {
      const position = offset + (bytes.length - content.length) + firstInvalid(content, encoding)
      const line = 1 + countLines(source, position, encoding)
      throw new AppError('data.encoding.invalid', { file: source.name, encoding, position, line })
    }
    if (text.includes('\0')) throw new AppError('data.format_unknown', { file: source.name, detected: 'binary' })
    yield text
  }
}

/** Index of the byte at which strict decoding of `bytes` fails, found by bisection over growing prefixes. */
export function firstInvalid(bytes: Uint8Array, encoding: TextEncodingName): number {
  const accepts = (length: number): boolean => {
    try {
      // A prefix may end inside a character, which only the streaming mode forgives.
      new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let good = 0
  let bad = bytes.length + 1 // beyond the end: the text is only cut short
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    if (accepts(middle)) good = middle
    else bad = middle
  }
  return Math.min(bad - 1, bytes.length)
}

/** Line feeds before `end`. In UTF-8, GB18030 and Big5 the byte 0x0A is never part of another character. */
function countLines(source: ByteSource, end: number, encoding: TextEncodingName): number {
  const wide = encoding === 'utf-16le' || encoding === 'utf-16be'
  const low = encoding === 'utf-16be' ? 1 : 0
  let lines = 0
  for (let position = 0; position < end; position += TABLE_LIMITS.chunk) {
    const bytes = new Uint8Array(Math.min(TABLE_LIMITS.chunk, end - position))
    source.read(bytes, position)
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0x0a) continue
      if (!wide || ((i & 1) === low && bytes[i ^ 1] === 0)) lines++
    }
  }
  return lines
}
