import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, fromRandomAccessReader, type ZipFile } from 'yauzl'
import { AppError, isAppError, type ReadHandle } from '../../kit/index.ts'
import { CANONICAL_COMMENT, checkCanonical } from './canonical.ts'
import { damaged, readTail, type ZipTail } from './directory.ts'
import { checkEntry, checkSizes } from './entry.ts'
import { checkLayout, type RawEntry } from './layout.ts'
import { defaultZipLimits, type ZipLimits } from './limits.ts'
import { checkCollisions, printable } from './names.ts'
import { HandleReader, openSource } from './source.ts'

/** One file or folder of an archive. `size` is the unpacked size in bytes, `crc32` the declared checksum. */
export interface ZipEntry {
  readonly name: string
  readonly size: number
  readonly compressedSize: number
  readonly crc32: number
  readonly isFolder: boolean
}

export interface ZipArchive {
  /** In directory order; names are checked, unique on every system and cannot leave a folder. */
  readonly entries: readonly ZipEntry[]
  /** True when every byte outside the data has the one value that our writer gives it. */
  readonly canonical: boolean
  find(name: string): ZipEntry | undefined
  /** Passes the unpacked bytes on in pieces. @throws format.zip.size_lie, format.zip.crc, format.zip.inflate */
  scan(entry: ZipEntry, take: (chunk: Uint8Array) => void): Promise<void>
  /** The unpacked bytes, never more than the entry declares. @throws as `scan` */
  read(entry: ZipEntry): Promise<Uint8Array>
  close(): void
}

/**
 * Opens a zip file (or bytes in memory) strictly: stored and deflated entries only, no encryption, links, zip64,
 * comments, overlaps, hidden bytes or unsafe names, sizes within `limits`. Nothing is unpacked yet.
 * @throws format.zip.* with one code a cause
 */
export async function openZip(source: string | Uint8Array, limits: Partial<ZipLimits> = {}): Promise<ZipArchive> {
  const bounds = { ...defaultZipLimits, ...limits }
  const handle = openSource(source)
  let zip: ZipFile | undefined
  try {
    const tail = readTail(handle, bounds)
    const comment = new TextDecoder('latin1').decode(tail.comment)
    if (comment !== '' && comment !== CANONICAL_COMMENT) throw new AppError('format.zip.comment', {})
    zip = await openLibrary(handle)
    const raws = await readDirectory(zip, tail)
    const entries = raws.map((entry) => checkEntry(entry))
    checkCollisions(entries.map((entry) => entry.name))
    checkSizes(entries, handle.size, bounds)
    checkLayout(handle, entries, tail)
    const canonical = comment === CANONICAL_COMMENT
    if (canonical) checkCanonical(handle, entries, tail)
    return archive(zip, { entries, raws, canonical })
  } catch (error) {
    if (zip) zip.close()
    else handle.close()
    throw isAppError(error) ? error : new AppError('format.zip.damaged', { part: (error as Error).message })
  }
}

function openLibrary(handle: ReadHandle): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false }
  return new Promise((resolve, reject) => {
    fromRandomAccessReader(new HandleReader(handle), handle.size, options, (error, zip) => {
      if (error) reject(error)
      else resolve(zip)
    })
  })
}

async function readDirectory(zip: ZipFile, tail: ZipTail): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  // The cursor stands behind the last record; the end record must begin exactly there.
  if (Number(zip.readEntryCursor) !== tail.endOffset) damaged('directory size')
  return entries
}

interface Parts {
  readonly entries: readonly RawEntry[]
  readonly raws: readonly Entry[]
  readonly canonical: boolean
}

function archive(zip: ZipFile, { entries, raws, canonical }: Parts): ZipArchive {
  const rawOf = new Map<string, Entry>()
  const shown = entries.map((entry, i): ZipEntry => {
    rawOf.set(entry.name, raws[i])
    const { name, size, compressedSize } = entry
    return { name, size, compressedSize, crc32: entry.crc32, isFolder: name.endsWith('/') }
  })
  const byName = new Map(shown.map((entry) => [entry.name, entry]))
  const scan = (entry: ZipEntry, take: (chunk: Uint8Array) => void): Promise<void> => {
    const raw = rawOf.get(entry.name)
    if (!raw) throw new AppError('internal.invariant', { message: `no such zip entry: ${printable(entry.name)}` })
    return unpack(zip, raw, { entry, take })
  }
  return {
    entries: shown,
    canonical,
    find: (name) => byName.get(name),
    scan,
    async read(entry) {
      const chunks: Uint8Array[] = []
      await scan(entry, (chunk) => chunks.push(chunk))
      return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    },
    close: () => zip.close(),
  }
}

interface Target {
  readonly entry: ZipEntry
  readonly take: (chunk: Uint8Array) => void
}

/** Unpacks one entry, counting as it goes: the moment it yields more than it declares, it is refused. */
function unpack(zip: ZipFile, raw: Entry, { entry, take }: Target): Promise<void> {
  const facts = { name: printable(entry.name), size: entry.size }
  return new Promise((resolve, reject) => {
    zip.openReadStream(raw, (error, stream: Readable) => {
      if (error) return reject(new AppError('format.zip.damaged', { part: error.message }))
      let size = 0
      let crc = 0
      const stop = (cause: unknown): void => {
        stream.destroy()
        reject(cause)
      }
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > entry.size) return stop(new AppError('format.zip.size_lie', facts))
        crc = crc32(chunk, crc)
        try {
          take(chunk)
        } catch (cause) {
          stop(cause)
        }
      })
      stream.on('error', (cause) => stop(isAppError(cause) ? cause : new AppError('format.zip.inflate', facts)))
      stream.on('end', () => {
        // Bytes behind the end of the deflate stream would be carried along unseen.
        const used = raw.compressionMethod === 8 ? (stream as Readable & { bytesWritten: number }).bytesWritten : size
        if (size !== entry.size || used !== entry.compressedSize) stop(new AppError('format.zip.size_lie', facts))
        else if (crc !== entry.crc32) stop(new AppError('format.zip.crc', facts))
        else resolve()
      })
    })
  })
}
