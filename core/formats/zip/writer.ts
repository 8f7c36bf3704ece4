import { ZipFile } from 'yazl'
import { AppError } from '../../kit/index.ts'
import { CANONICAL_COMMENT, CANONICAL_MODE, canonicalDate } from './canonical.ts'
import { defaultZipLimits } from './limits.ts'
import { checkCollisions, checkName, printable } from './names.ts'

export interface ZipInput {
  readonly name: string
  readonly data: Uint8Array
}

/**
 * Writes files in the given order as a canonical archive: stored (float32 weights hardly shrink, and stored bytes do
 * not depend on a deflate version), fixed date and mode. Equal input gives equal bytes on every machine.
 * @throws format.zip.* for a name that `openZip` would refuse, format.zip.too_large above 4 GiB or 1 GiB a file
 */
export async function writeZip(files: readonly ZipInput[]): Promise<Uint8Array> {
  for (const { name } of files) checkName(name)
  checkCollisions(files.map(({ name }) => name))
  checkRoom(files)
  const zip = new ZipFile()
  const finished = collect(zip)
  for (const { name, data } of files) {
    zip.addBuffer(Buffer.from(data.buffer, data.byteOffset, data.byteLength), name, {
      mtime: canonicalDate(),
      mode: CANONICAL_MODE,
      compress: false,
      forceDosTimestamp: true,
    })
  }
  zip.end({ comment: CANONICAL_COMMENT, forceZip64Format: false })
  return finished
}

function checkRoom(files: readonly ZipInput[]): void {
  const { maxEntries, maxEntryBytes, maxTotalBytes } = defaultZipLimits
  if (files.length > maxEntries) {
    throw new AppError('format.zip.too_many_entries', { entries: files.length, limit: maxEntries })
  }
  let total = 0
  for (const { name, data } of files) {
    total += data.byteLength + 2 * name.length * 4 + 76 // header and directory record
    const tooLarge = data.byteLength > maxEntryBytes || total > maxTotalBytes
    if (tooLarge) {
      throw new AppError('format.zip.too_large', { name: printable(name), size: data.byteLength, limit: maxEntryBytes })
    }
  }
}

function collect(zip: ZipFile): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    zip.on('error', reject)
    zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk))
    zip.outputStream.on('end', () => resolve(Buffer.concat(chunks)))
  })
}
