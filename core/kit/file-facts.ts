import { realpathSync, statSync } from 'node:fs'

/** What is at a path, links followed, without opening it (opening a pipe would wait for a writer for ever). */
export interface FileFacts {
  /** An ordinary file: no folder, pipe, socket or device. */
  readonly isFile: boolean
  readonly size: number
  /** POSIX permission bits. */
  readonly mode: number
}

/** Undefined when nothing is there; the platform's error when the path cannot be looked at. */
export function fileFacts(path: string): FileFacts | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : { isFile: stat.isFile(), size: stat.size, mode: stat.mode & 0o777 }
}

/** The path with every link resolved; undefined when nothing is there. */
export function resolvedPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}
