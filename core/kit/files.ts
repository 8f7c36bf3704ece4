import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The file port: everything the product does to files that must survive a crash goes through these few operations,
 * so a recording implementation can replay every crash prefix of a save (promise P-30).
 */
export interface FilePort {
  read(path: string): Uint8Array
  /** Creates or truncates, writes all bytes and fsyncs the file before returning. */
  writeDurable(path: string, data: Uint8Array): void
  rename(from: string, to: string): void
  /** Fsyncs a folder so that a rename inside it is on disk (no-op where the platform has no such call). */
  syncFolder(path: string): void
  makeFolder(path: string): void
  remove(path: string): void
  list(path: string): string[]
  exists(path: string): boolean
}

export const diskFiles: FilePort = {
  read: (path) => readFileSync(path),
  writeDurable(path, data) {
    const fd = openSync(path, 'w', 0o600)
    try {
      for (let at = 0; at < data.byteLength; ) at += writeSync(fd, data, at, Math.min(data.byteLength - at, 1 << 26))
      fsyncSync(fd)
    } catch (error) {
      // The platform names no file when a write fails, and a full disk is worth nothing without its place.
      throw Object.assign(error as Error, { path })
    } finally {
      closeSync(fd)
    }
  },
  rename: (from, to) => renameSync(from, to),
  syncFolder(path) {
    if (process.platform === 'win32') return // Windows has no fsync for folders; NTFS journals renames.
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  list: (path) => readdirSync(path).sort(),
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
}

/** Writes a file whole or not at all: temporary name, fsync, rename, fsync of the folder. */
export function writeAtomic(path: string, data: Uint8Array | string, files: FilePort = diskFiles): void {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const temporary = `${path}.partial`
  files.writeDurable(temporary, bytes)
  files.rename(temporary, path)
  files.syncFolder(dirname(path))
}

/** A read-only file opened once and read by position; `size` is taken when it is opened. */
export interface ReadHandle {
  readonly path: string
  readonly size: number
  /** Fills `target` from `position`; false when the file ends before it is full. */
  readInto(target: Uint8Array, position: number): boolean
  close(): void
}

export function openForReading(path: string): ReadHandle {
  const fd = openSync(path, 'r')
  const size = fstatSync(fd).size
  return {
    path,
    size,
    readInto(target, position) {
      let at = 0
      while (at < target.byteLength) {
        const n = readSync(fd, target, at, Math.min(target.byteLength - at, 1 << 28), position + at)
        if (n === 0) return false
        at += n
      }
      return true
    },
    close: () => closeSync(fd),
  }
}

/** Bytes used by a file or a folder tree. */
export function sizeOnDisk(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOnDisk(join(path, name)), 0)
}
