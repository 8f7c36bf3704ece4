import { openPlainFile } from '../formats/plain-file.ts'
import { AppError, isAppError } from '../kit/index.ts'

/** Reads a small file whole, bounded by its size on disk. @throws `code` with the path when missing or too large */
export function readSmallFile(path: string, limit: number, code: string): Uint8Array {
  try {
    const handle = openPlainFile(path)
    try {
      if (handle.size > limit) throw new AppError(code, { path, bytes: handle.size, limit })
      const bytes = new Uint8Array(handle.size)
      if (!handle.readInto(bytes, 0)) throw new AppError(code, { path })
      return bytes
    } finally {
      handle.close()
    }
  } catch (cause) {
    if (isAppError(cause, code)) throw cause
    throw new AppError(code, { path, reason: isAppError(cause) ? cause.code : undefined }, { cause })
  }
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
