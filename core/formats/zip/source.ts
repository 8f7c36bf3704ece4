import { Readable } from 'node:stream'
import { RandomAccessReader } from 'yauzl'
import { AppError, type ReadHandle } from '../../kit/index.ts'
import { openPlainFile } from '../plain-file.ts'

const SLICE = 256 * 1024

/** Gives the zip library our own file handle, so that one open file serves every check and every read. */
export class HandleReader extends RandomAccessReader {
  private readonly handle: ReadHandle

  constructor(handle: ReadHandle) {
    super()
    this.handle = handle
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(slices(this.handle, start, end), { objectMode: false, highWaterMark: SLICE })
  }

  override close(done: (error: Error | null) => void): void {
    this.handle.close()
    done(null)
  }
}

function* slices(handle: ReadHandle, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; at += SLICE) {
    const chunk = Buffer.allocUnsafe(Math.min(SLICE, end - at))
    if (!handle.readInto(chunk, at)) throw new AppError('format.zip.truncated', { bytes: handle.size })
    yield chunk
  }
}

/** A path or bytes already in memory as a handle. @throws format.file_missing and the like when it cannot be opened */
export function openSource(source: string | Uint8Array): ReadHandle {
  if (typeof source === 'string') return openPlainFile(source)
  return {
    path: '',
    size: source.byteLength,
    readInto(target, position) {
      if (position + target.byteLength > source.byteLength) return false
      target.set(source.subarray(position, position + target.byteLength))
      return true
    },
    close() {},
  }
}
