import { AppError, type ReadHandle } from '../../kit/index.ts'
import { damaged, readAt, viewOf, type ZipTail } from './directory.ts'
import { printable } from './names.ts'

/** The fields of a central-directory record that have a copy in the local header. */
export interface RawEntry {
  readonly name: string
  readonly rawName: Uint8Array
  readonly flags: number
  readonly method: number
  readonly time: number
  readonly date: number
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  readonly offset: number
}

const LOCAL_SIZE = 30
const HAS_DESCRIPTOR = 0x8

/**
 * Proves that the entries tile the archive from its first byte to the central directory: no overlap (the trick of the
 * densest bombs), no hidden bytes between them, and every local header says what the directory says.
 * @throws format.zip.overlap, format.zip.hidden_bytes, format.zip.header_mismatch, format.zip.damaged
 */
export function checkLayout(handle: ReadHandle, entries: readonly RawEntry[], tail: ZipTail): void {
  let expected = 0
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    meets(expected, entry.offset, entry.name)
    expected = checkLocal(handle, entry)
    if (expected > tail.directoryOffset) throw new AppError('format.zip.overlap', { name: printable(entry.name) })
  }
  meets(expected, tail.directoryOffset, '')
}

function meets(expected: number, found: number, name: string): void {
  if (found < expected) throw new AppError('format.zip.overlap', { name: printable(name) })
  if (found > expected) throw new AppError('format.zip.hidden_bytes', { position: expected, bytes: found - expected })
}

/** Compares one local header with its directory record; returns the position behind the entry's data. */
function checkLocal(handle: ReadHandle, entry: RawEntry): number {
  const view = viewOf(readAt(handle, entry.offset, LOCAL_SIZE))
  if (view.getUint32(0, true) !== 0x04034b50) damaged('local header signature')
  const differs = (field: string): never => {
    throw new AppError('format.zip.header_mismatch', { name: printable(entry.name), field })
  }
  if (view.getUint16(6, true) !== entry.flags) differs('flags')
  if (view.getUint16(8, true) !== entry.method) differs('method')
  if (view.getUint16(10, true) !== entry.time || view.getUint16(12, true) !== entry.date) differs('time')
  const sizes = [entry.crc32, entry.compressedSize, entry.size]
  const local = [view.getUint32(14, true), view.getUint32(18, true), view.getUint32(22, true)]
  const streamed = (entry.flags & HAS_DESCRIPTOR) !== 0
  for (const [i, field] of ['crc32', 'compressedSize', 'size'].entries()) {
    if (local[i] !== sizes[i] && !(streamed && local[i] === 0)) differs(field)
  }
  const nameLength = view.getUint16(26, true)
  const name = readAt(handle, entry.offset + LOCAL_SIZE, nameLength)
  if (Buffer.compare(name, entry.rawName) !== 0) differs('name')
  const end = entry.offset + LOCAL_SIZE + nameLength + view.getUint16(28, true) + entry.compressedSize
  return streamed ? end + descriptorLength(handle, end, sizes) : end
}

/** A streamed entry is followed by crc, packed size, size; the signature before them is optional (APPNOTE 4.3.9). */
function descriptorLength(handle: ReadHandle, at: number, sizes: readonly number[]): number {
  const bytes = readAt(handle, at, Math.min(16, Math.max(0, handle.size - at)))
  const view = viewOf(bytes)
  const matches = (skip: number): boolean =>
    bytes.length >= skip + 12 && sizes.every((value, i) => view.getUint32(skip + 4 * i, true) === value)
  if (bytes.length === 16 && view.getUint32(0, true) === 0x08074b50 && matches(4)) return 16
  if (matches(0)) return 12
  return damaged('data descriptor')
}
