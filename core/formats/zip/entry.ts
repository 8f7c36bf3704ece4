import type { Entry } from 'yauzl'
import { AppError } from '../../kit/index.ts'
import { damaged } from './directory.ts'
import type { RawEntry } from './layout.ts'
import type { ZipLimits } from './limits.ts'
import { checkName, decodeName, printable } from './names.ts'

const STORED = 0
const DEFLATED = 8
/** Deflate effort (bits 1 and 2), data descriptor (3), UTF-8 name (11): the only flags with a meaning here. */
const KNOWN_FLAGS = 0x806
const DESCRIPTOR_FLAG = 0x8
const ENCRYPTION_FLAGS = 0x2041
const ZIP64_FIELD = 0x0001
const UNICODE_PATH_FIELD = 0x7075

/** Judges one central-directory record by itself. @throws format.zip.* */
export function checkEntry(raw: Entry): RawEntry {
  const flags = raw.generalPurposeBitFlag
  const rawName = raw.fileNameRaw
  const name = decodeName(rawName, (flags & 0x800) !== 0)
  const shown = { name: printable(name) }
  checkName(name)
  checkKind(raw, name)
  if ((flags & ENCRYPTION_FLAGS) !== 0) throw new AppError('format.zip.encrypted', shown)
  if ((flags & ~(KNOWN_FLAGS | DESCRIPTOR_FLAG)) !== 0) {
    throw new AppError('format.zip.unsupported', { feature: `flags 0x${flags.toString(16)}` })
  }
  if (raw.compressionMethod !== STORED && raw.compressionMethod !== DEFLATED) {
    throw new AppError('format.zip.unsupported', { feature: `compression method ${raw.compressionMethod}` })
  }
  for (const { id } of raw.extraFields) {
    // A second name could say something else than the first.
    if (id === UNICODE_PATH_FIELD) throw new AppError('format.zip.unsupported', { feature: 'second name' })
    if (id === ZIP64_FIELD) throw new AppError('format.zip.unsupported', { feature: 'zip64' })
  }
  if (raw.fileCommentLength > 0) throw new AppError('format.zip.comment', {})
  if (raw.compressionMethod === STORED && raw.compressedSize !== raw.uncompressedSize) {
    throw new AppError('format.zip.size_lie', { ...shown, size: raw.uncompressedSize })
  }
  return {
    name,
    rawName,
    flags,
    method: raw.compressionMethod,
    time: raw.lastModFileTime,
    date: raw.lastModFileDate,
    crc32: raw.crc32,
    compressedSize: raw.compressedSize,
    size: raw.uncompressedSize,
    offset: raw.relativeOffsetOfLocalHeader,
  }
}

/** Only plain files and empty folder entries; the Unix file type lies in the upper half of the external attributes. */
function checkKind(raw: Entry, name: string): void {
  const type = (raw.externalFileAttributes >>> 16) & 0xf000
  const isFolder = name.endsWith('/')
  if (type === 0xa000) throw new AppError('format.zip.link', { name: printable(name) })
  if (type !== 0 && type !== (isFolder ? 0x4000 : 0x8000)) {
    throw new AppError('format.zip.special_file', { name: printable(name) })
  }
  if (isFolder && raw.uncompressedSize !== 0) damaged('folder with data')
}

/** Declared sizes against the limits. @throws format.zip.too_large, format.zip.bomb */
export function checkSizes(entries: readonly RawEntry[], fileSize: number, limits: ZipLimits): void {
  let total = 0
  for (const { name, size } of entries) {
    total += size
    if (size > limits.maxEntryBytes) {
      throw new AppError('format.zip.too_large', { name: printable(name), size, limit: limits.maxEntryBytes })
    }
  }
  if (total > limits.maxTotalBytes) {
    throw new AppError('format.zip.too_large', { name: '*', size: total, limit: limits.maxTotalBytes })
  }
  if (total > limits.freeBytes && total > fileSize * limits.maxRatio) {
    throw new AppError('format.zip.bomb', { size: total, fileSize, ratio: Math.round(total / fileSize) })
  }
}
