import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { diskFiles, type FilePort } from '../../core/kit/index.ts'

/** Content of one folder tree: relative path → bytes. */
export type Snapshot = ReadonlyMap<string, Uint8Array>

/** One operation that changed a file or folder, paths relative to the recorded folder. */
export type FileOp =
  | { readonly kind: 'write'; readonly path: string; readonly data: Uint8Array }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string }

export interface RecordingFiles extends FilePort {
  readonly ops: readonly FileOp[]
}

/** A file port that works on the disk and remembers every change inside `root`. */
export function recordingFiles(root: string): RecordingFiles {
  const ops: FileOp[] = []
  const inside = (path: string): string => relative(root, path)
  return {
    ...diskFiles,
    ops,
    writeDurable(path, data) {
      ops.push({ kind: 'write', path: inside(path), data: data.slice() })
      diskFiles.writeDurable(path, data)
    },
    rename(from, to) {
      ops.push({ kind: 'rename', from: inside(from), to: inside(to) })
      diskFiles.rename(from, to)
    },
    remove(path) {
      ops.push({ kind: 'remove', path: inside(path) })
      diskFiles.remove(path)
    },
    syncFolder(path) {
      ops.push({ kind: 'sync', path: inside(path) })
      diskFiles.syncFolder(path)
    },
  }
}

export function snapshotOf(root: string): Snapshot {
  const files = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return new Map(files.map((f) => join(f.parentPath, f.name)).map((path) => [relative(root, path), readFileSync(path)]))
}

/** Replaces a folder by a snapshot. */
export function restore(root: string, snapshot: Snapshot): void {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  for (const [path, data] of snapshot) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), data)
  }
}

export interface CrashState {
  /** What happened before the power went, for messages. */
  readonly after: string
  readonly files: Snapshot
}

export interface CrashOptions {
  /** Lengths (in bytes) at which a write may be torn. */
  readonly tornAt: (length: number) => readonly number[]
}

/**
 * Every state in which a power cut may leave the folder: after each prefix of the operations; with the last write
 * torn at the given lengths, or of full length but filled with zeros; and with any of the names lost that were changed
 * since the folder was last synced (a file system may write those in any order, or not at all).
 */
export function* crashStates(before: Snapshot, ops: readonly FileOp[], options: CrashOptions): Generator<CrashState> {
  for (let done = 0; done <= ops.length; done++) {
    for (const lost of lossesOf(ops.slice(0, done))) {
      const kept = ops.slice(0, done).filter((_, i) => !lost.has(i))
      yield { after: `${done} operations, lost: ${[...lost].join() || 'none'}`, files: apply(before, kept) }
    }
    const next = ops[done]
    if (next?.kind !== 'write') continue
    const soFar = apply(before, ops.slice(0, done))
    for (const length of options.tornAt(next.data.byteLength)) {
      const torn = { ...next, data: next.data.slice(0, length) }
      yield { after: `${done} operations, ${basename(next.path)} torn at ${length}`, files: apply(soFar, [torn]) }
    }
    const zeros = { ...next, data: new Uint8Array(next.data.byteLength) }
    yield { after: `${done} operations, ${basename(next.path)} all zeros`, files: apply(soFar, [zeros]) }
  }
}

/** Every subset of the changes of names after the last sync of their folder. A rename without its file's name is no change. */
function* lossesOf(ops: readonly FileOp[]): Generator<ReadonlySet<number>> {
  const unsynced = ops.flatMap((op, i) => {
    if (op.kind === 'sync') return []
    const folder = dirname(op.kind === 'rename' ? op.to : op.path)
    const isSynced = ops.slice(i + 1).some((later) => later.kind === 'sync' && normal(later.path) === normal(folder))
    return isSynced ? [] : [i]
  })
  for (let subset = 0; subset < 2 ** Math.min(unsynced.length, 8); subset++) {
    yield new Set(unsynced.filter((_, bit) => (subset >> bit) & 1))
  }
}

const normal = (folder: string): string => (folder === '.' ? '' : folder)

function apply(before: Snapshot, ops: readonly FileOp[]): Snapshot {
  const files = new Map(before)
  for (const op of ops) {
    if (op.kind === 'write') files.set(op.path, op.data)
    else if (op.kind === 'remove') files.delete(op.path)
    else if (op.kind === 'rename') {
      const data = files.get(op.from)
      if (data === undefined) continue
      files.delete(op.from)
      files.set(op.to, data)
    }
  }
  return files
}

/** A file port whose disk has room for `bytes` more bytes; a write beyond is cut short and fails with ENOSPC. */
export function fullDisk(bytes: number, files: FilePort = diskFiles): FilePort & { free(more: number): void } {
  let room = bytes
  return {
    ...files,
    free(more) {
      room += more
    },
    writeDurable(path, data) {
      if (data.byteLength > room) {
        files.writeDurable(path, data.slice(0, Math.max(0, room)))
        room = 0
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
          code: 'ENOSPC',
          errno: -28,
          syscall: 'write',
        })
      }
      files.writeDurable(path, data)
      room -= data.byteLength
    },
  }
}
