import { AppError, type ReadHandle } from '../../kit/index.ts'
import type { ZipLimits } from './limits.ts'

const END_SIZE = 22
const MAX_COMMENT = 0xffff

/** Where the end record says everything is. Offsets and sizes in bytes. */
export interface ZipTail {
  readonly entryCount: number
  readonly directoryOffset: number
  readonly directorySize: number
  readonly endOffset: number
  readonly comment: Uint8Array
}

/** Reads exactly `length` bytes at `position`. @throws format.zip.truncated when the file ends before */
export function readAt(handle: ReadHandle, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  if (position < 0 || position + length > handle.size || !handle.readInto(bytes, position)) {
    throw new AppError('format.zip.truncated', { bytes: handle.size })
  }
  return bytes
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * Finds and checks the end-of-central-directory record (PKWARE APPNOTE 4.3.16), whose fields the zip library trusts.
 * @throws format.zip.not_a_zip, format.zip.damaged, format.zip.unsupported, format.zip.too_many_entries
 */
export function readTail(handle: ReadHandle, limits: ZipLimits): ZipTail {
  const length = Math.min(handle.size, END_SIZE + MAX_COMMENT)
  const start = handle.size - length
  const bytes = readAt(handle, start, length)
  const view = viewOf(bytes)
  let at = length - END_SIZE
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at--
  if (at < 0) throw new AppError('format.zip.not_a_zip', { bytes: handle.size })
  if (view.getUint16(at + 20, true) !== length - at - END_SIZE) damaged('comment length')

  const entryCount = view.getUint16(at + 10, true)
  const directorySize = view.getUint32(at + 12, true)
  const directoryOffset = view.getUint32(at + 16, true)
  const endOffset = start + at
  const hasZip64 = endOffset >= 20 && viewOf(readAt(handle, endOffset - 20, 4)).getUint32(0, true) === 0x07064b50
  if (hasZip64 || entryCount === 0xffff || directorySize === 0xffffffff || directoryOffset === 0xffffffff) {
    throw new AppError('format.zip.unsupported', { feature: 'zip64' })
  }
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0) {
    throw new AppError('format.zip.unsupported', { feature: 'multi-disk' })
  }
  if (view.getUint16(at + 8, true) !== entryCount) damaged('entry count')
  if (directoryOffset + directorySize !== endOffset) damaged('directory extent')
  if (entryCount * 46 > directorySize) damaged('directory size')
  if (entryCount > limits.maxEntries) {
    throw new AppError('format.zip.too_many_entries', { entries: entryCount, limit: limits.maxEntries })
  }
  return { entryCount, directoryOffset, directorySize, endOffset, comment: bytes.subarray(at + END_SIZE) }
}

/** Names the broken part for the log; the user text says that the archive is damaged. */
export function damaged(part: string): never {
  throw new AppError('format.zip.damaged', { part })
}
