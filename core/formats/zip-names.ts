import type { ReadHandle } from '../kit/index.ts'

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_ENTRY = 0x04034b50
/** The end record is 22 bytes and a comment of at most 65,535. */
const TAIL_BYTES = 22 + 65_535
/** Bytes of directory looked at; a torch archive of 50,000 tensors stays below. */
const DIRECTORY_BYTES = 4 << 20

/**
 * Names inside a zip archive, for recognising what an archive is (not for unpacking). Reads the central directory, also
 * of an archive with something in front of it, and the first local entry, so a cut-off archive still shows a name.
 * Anything that is not a zip, or is damaged, gives fewer names or none; never an error.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
 */
export function zipEntryNames(file: ReadHandle): string[] {
  const names: string[] = []
  const first = view(file, 0, 30 + 512)
  if (first !== undefined && first.byteLength >= 30 && first.getUint32(0, true) === LOCAL_ENTRY) {
    names.push(text(first, 30, first.getUint16(26, true)))
  }
  const tailStart = Math.max(0, file.size - TAIL_BYTES)
  const tail = view(file, tailStart, TAIL_BYTES)
  if (tail === undefined) return names
  for (let at = tail.byteLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_OF_DIRECTORY) continue
    // The directory ends where the end record begins (or 20 + 56 bytes earlier, behind which zip64 records lie), so
    // its start follows from its size even when the archive has been moved inside the file.
    const size = tail.getUint32(at + 12, true)
    const end = tailStart + at
    for (const start of [end - size, end - size - 76, tail.getUint32(at + 16, true)]) {
      const found = directoryNames(file, start, Math.min(size, DIRECTORY_BYTES))
      if (found.length > 0) return names.concat(found)
    }
    return names
  }
  return names
}

function directoryNames(file: ReadHandle, start: number, bytes: number): string[] {
  const directory = start >= 0 ? view(file, start, bytes) : undefined
  const names: string[] = []
  if (directory === undefined) return names
  for (let at = 0; at + 46 <= directory.byteLength && directory.getUint32(at, true) === DIRECTORY_ENTRY; ) {
    const nameLength = directory.getUint16(at + 28, true)
    names.push(text(directory, at + 46, nameLength))
    at += 46 + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true)
  }
  return names
}

/** At most `bytes` bytes from `start`, fewer at the end of the file; undefined when nothing is there. */
function view(file: ReadHandle, start: number, bytes: number): DataView | undefined {
  const length = Math.min(bytes, file.size - start)
  if (length <= 0) return undefined
  const buffer = new Uint8Array(length)
  return file.readInto(buffer, start) ? new DataView(buffer.buffer) : undefined
}

function text(from: DataView, at: number, length: number): string {
  const end = Math.min(at + length, from.byteLength)
  return at >= end ? '' : Buffer.from(from.buffer, at, end - at).toString('latin1')
}
