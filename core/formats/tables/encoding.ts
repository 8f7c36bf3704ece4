import { isAscii, isUtf8 } from 'node:buffer'
import { AppError, type CancelToken } from '../../kit/index.ts'
import { alignedChunks, firstInvalid } from './decode.ts'
import { type ByteSource, memorySource } from './source.ts'
import type { DetectedEncoding, TextEncodingName } from './types.ts'

/**
 * Finds the encoding of text bytes: a byte order mark decides; then strict UTF-8; then UTF-16 by the pattern of its
 * NUL bytes; then GB18030 or Big5 by the share of their common characters.
 * Errors: `data.encoding.unknown` when no reading is convincing (a guess would show wrong characters),
 * `data.encoding.unsupported` for UTF-32, `data.format_unknown` for NUL bytes that are no UTF-16.
 */
export function detectEncoding(bytes: Uint8Array): DetectedEncoding {
  return detectSourceEncoding(memorySource(bytes))
}

/** `detectEncoding` over a source of any size in bounded memory; `onBytes` receives all bytes once, in order. */
export function detectSourceEncoding(
  source: ByteSource,
  hooks: { cancel?: CancelToken | undefined; onBytes?: (bytes: Uint8Array, position: number) => void } = {},
): DetectedEncoding {
  const marked = byteOrderMark(source)
  let ascii = true
  let invalidAt = -1
  let textBeforeInvalid = false
  let hasNul = false
  for (const { bytes, offset } of alignedChunks(source, 'utf-8', hooks.cancel)) {
    hooks.onBytes?.(bytes, offset)
    hasNul ||= bytes.includes(0)
    if (invalidAt >= 0 || isAscii(bytes)) continue
    if (isUtf8(bytes)) ascii = false
    else {
      const at = firstInvalid(bytes, 'utf-8')
      textBeforeInvalid = !ascii || !isAscii(bytes.subarray(0, Math.max(0, at - 2)))
      invalidAt = offset + at
    }
  }
  if (marked) return marked
  if (hasNul) return utf16WithoutMark(source, hooks.cancel)
  if (invalidAt < 0) return { encoding: 'utf-8', bomBytes: 0 }
  const chinese = chineseEncoding(source, hooks.cancel)
  if (chinese) return { encoding: chinese, bomBytes: 0 }
  // Good UTF-8 up to one place is a damaged UTF-8 file: reading it as UTF-8 names that place.
  if (textBeforeInvalid) return { encoding: 'utf-8', bomBytes: 0 }
  throw new AppError('data.encoding.unknown', { file: source.name, position: invalidAt })
}

const MARKS: readonly { bytes: readonly number[]; encoding: TextEncodingName | 'utf-32' }[] = [
  { bytes: [0xff, 0xfe, 0, 0], encoding: 'utf-32' },
  { bytes: [0, 0, 0xfe, 0xff], encoding: 'utf-32' },
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
  { bytes: [0x84, 0x31, 0x95, 0x33], encoding: 'gb18030' },
]

/** The byte order mark in front of a source, or null. */
export function byteOrderMark(source: ByteSource): DetectedEncoding | null {
  const head = new Uint8Array(Math.min(4, source.size))
  source.read(head, 0)
  for (const { bytes, encoding } of MARKS) {
    if (!bytes.every((b, i) => head[i] === b)) continue
    if (encoding === 'utf-32') throw new AppError('data.encoding.unsupported', { file: source.name, encoding })
    return { encoding, bomBytes: bytes.length }
  }
  return null
}

/** Share of code units below which a reading as UTF-16 is not text. */
const UTF16_TEXT = 0.95

/** NUL bytes without a mark: UTF-16 if one byte order gives text (Latin, CJK, full-width forms), else no text at all. */
function utf16WithoutMark(source: ByteSource, cancel?: CancelToken): DetectedEncoding {
  const units = Math.floor(source.size / 2)
  const good = { le: 0, be: 0 }
  let nul = false
  for (const { bytes } of alignedChunks(source, 'utf-16le', cancel)) {
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      const le = bytes[i] | (bytes[i + 1] << 8)
      if (le === 0) nul = true
      if (isCommonUnit(le)) good.le++
      if (isCommonUnit((bytes[i] << 8) | bytes[i + 1])) good.be++
    }
  }
  const best = good.le >= good.be ? 'le' : 'be'
  if (nul || source.size % 2 === 1 || units < 2 || good[best] < UTF16_TEXT * units || good.le === good.be) {
    throw new AppError('data.format_unknown', { file: source.name, detected: 'binary' })
  }
  return { encoding: `utf-16${best}`, bomBytes: 0 }
}

function isCommonUnit(unit: number): boolean {
  if (unit < 0x20) return unit === 0x09 || unit === 0x0a || unit === 0x0d
  return (
    unit < 0x7f || // ASCII
    (unit >= 0xa0 && unit < 0x250) || // Latin
    (unit >= 0x2010 && unit < 0x2040) || // dashes and quotation marks
    (unit >= 0x3000 && unit < 0x3100) || // CJK punctuation, kana
    (unit >= 0x4e00 && unit < 0xa000) || // CJK ideographs
    (unit >= 0xff00 && unit < 0xfff0) // full-width forms
  )
}

/**
 * Chooses between GB18030 and Big5, whose byte ranges overlap almost wholly, by how many two-byte characters are common
 * ones in each (GB 2312 level 1 and punctuation; Big5 level 1 and punctuation). Running text has above 0.9 in its own
 * encoding; Western code pages, whose accented letters also look like pairs, have next to none. Null when neither convinces.
 */
function chineseEncoding(source: ByteSource, cancel?: CancelToken): 'gb18030' | 'big5' | null {
  const gb = gb18030Share(source, cancel)
  const big5 = big5Share(source, cancel)
  if (gb >= 0.85 && gb >= big5) return 'gb18030'
  if (big5 >= 0.9 && gb < 0.7) return 'big5'
  // Traditional text in GB18030 uses many rarer pairs, but then its trail bytes are no Big5.
  if (gb >= 0.5 && big5 < 0) return 'gb18030'
  return null
}

/** Share of common characters among the multi-byte ones read as GB18030; -1 when the bytes are malformed. */
function gb18030Share(source: ByteSource, cancel?: CancelToken): number {
  let pairs = 0
  let common = 0
  for (const { bytes } of alignedChunks(source, 'gb18030', cancel)) {
    for (let i = 0; i < bytes.length; ) {
      const lead = bytes[i]
      if (lead < 0x80) {
        i++
        continue
      }
      const trail = bytes[i + 1]
      pairs++
      if (trail >= 0x30 && trail <= 0x39) {
        const [third, fourth] = [bytes[i + 2], bytes[i + 3]]
        if (lead > 0xfe || !(third >= 0x81 && third <= 0xfe && fourth >= 0x30 && fourth <= 0x39)) return -1
        common++ // four bytes in exactly this pattern do not happen by chance
        i += 4
        continue
      }
      if (lead === 0x80 || lead === 0xff || !(trail >= 0x40 && trail <= 0xfe && trail !== 0x7f)) return -1
      if (trail >= 0xa1 && (lead === 0xa1 || lead === 0xa3 || (lead >= 0xb0 && lead <= 0xd7))) common++
      i += 2
    }
  }
  return pairs === 0 ? 0 : common / pairs
}

/** As `gb18030Share`, read as Big5. */
function big5Share(source: ByteSource, cancel?: CancelToken): number {
  let pairs = 0
  let common = 0
  for (const { bytes } of alignedChunks(source, 'big5', cancel)) {
    for (let i = 0; i < bytes.length; ) {
      const lead = bytes[i]
      if (lead < 0x80) {
        i++
        continue
      }
      const trail = bytes[i + 1]
      if (lead < 0xa1 || lead > 0xf9) return -1
      if (!((trail >= 0x40 && trail <= 0x7e) || (trail >= 0xa1 && trail <= 0xfe))) return -1
      pairs++
      if (lead === 0xa1 || (lead >= 0xa4 && lead <= 0xc6)) common++
      i += 2
    }
  }
  return pairs === 0 ? 0 : common / pairs
}
