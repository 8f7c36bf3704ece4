import { AppError, type ReadHandle } from '../../kit/index.ts'
import { readAt, type ZipTail } from './directory.ts'
import type { RawEntry } from './layout.ts'

/**
 * Archives that we write carry this comment. It promises one fixed byte layout (stored entries in directory order, one
 * date, one mode, no extra fields), so a reader can hold every byte outside the entries' data against the only value it
 * may have. Changing a byte of the comment makes it an unknown comment, which is refused.
 */
export const CANONICAL_COMMENT = 'canonical-stored-1'

const VERSION_MADE_BY = (3 << 8) | 63 // Unix, APPNOTE 6.3: what the zip library writes
const VERSION_NEEDED = 20
const UTF8_FLAG = 0x800
const DOS_DATE = 0x2821 // 2000-01-01: (year - 1980) << 9 | month << 5 | day
export const CANONICAL_MODE = 0o100644

/** The one date of canonical entries; zips hold local time, so it is made from local parts. */
export const canonicalDate = (): Date => new Date(2000, 0, 1)

type Named = Pick<RawEntry, 'rawName' | 'crc32' | 'size'>

/** Local header of a canonical entry: 30 bytes and the name. */
export function canonicalLocalHeader(entry: Named): Uint8Array {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  writeShared(header, 4, entry)
  return Buffer.concat([header, entry.rawName])
}

/** Central-directory record of a canonical entry: 46 bytes and the name. */
export function canonicalRecord(entry: Named, offset: number): Uint8Array {
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(VERSION_MADE_BY, 4)
  writeShared(record, 6, entry)
  record.writeUInt32LE((CANONICAL_MODE << 16) >>> 0, 38)
  record.writeUInt32LE(offset, 42)
  return Buffer.concat([record, entry.rawName])
}

/** The 24 bytes that a local header and a directory record share, from "version needed" to "name length". */
function writeShared(target: Buffer, at: number, entry: Named): void {
  target.writeUInt16LE(VERSION_NEEDED, at)
  target.writeUInt16LE(UTF8_FLAG, at + 2)
  target.writeUInt16LE(DOS_DATE, at + 8)
  target.writeUInt32LE(entry.crc32, at + 10)
  target.writeUInt32LE(entry.size, at + 14)
  target.writeUInt32LE(entry.size, at + 18)
  target.writeUInt16LE(entry.rawName.length, at + 22)
}

/**
 * Holds all bytes outside the entries' data against the canonical layout; `entries` are in directory order.
 * @throws format.zip.not_canonical with the position of the part that differs
 */
export function checkCanonical(handle: ReadHandle, entries: readonly RawEntry[], tail: ZipTail): void {
  const same = (expected: Uint8Array, position: number): void => {
    const fits = position + expected.length <= handle.size
    if (!fits || Buffer.compare(readAt(handle, position, expected.length), expected) !== 0) {
      throw new AppError('format.zip.not_canonical', { position })
    }
  }
  let offset = 0
  const records: Uint8Array[] = []
  for (const entry of entries) {
    const header = canonicalLocalHeader(entry)
    same(header, offset)
    records.push(canonicalRecord(entry, offset))
    offset += header.length + entry.size
  }
  const directory = Buffer.concat(records)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(CANONICAL_COMMENT.length, 20)
  same(directory, offset)
  same(Buffer.concat([end, Buffer.from(CANONICAL_COMMENT)]), offset + directory.length)
  if (tail.directoryOffset !== offset) throw new AppError('format.zip.not_canonical', { position: offset })
}
