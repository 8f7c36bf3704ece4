import { AppError, openForReading } from '../kit/index.ts'

/** Reads a small file whole, bounded by its size on disk. @throws `code` with the path when missing or too large */
export function readSmallFile(path: string, limit: number, code: string): Uint8Array {
  let bytes: Uint8Array
  try {
    const handle = openForReading(path)
    try {
      if (handle.size > limit) throw new AppError(code, { path, bytes: handle.size, limit })
      bytes = new Uint8Array(handle.size)
      if (!handle.readInto(bytes, 0)) throw new AppError(code, { path })
    } finally {
      handle.close()
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError(code, { path, reason: (cause as { code?: string }).code }, { cause })
  }
  return bytes
}

/** Parses UTF-8 JSON; undefined when it is neither. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** JSON as people read it, with a final newline. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
