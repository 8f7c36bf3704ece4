import { basename } from 'node:path'
import { AppError, openForReading, type ReadHandle } from '../../kit/index.ts'

/** Positioned bytes: a file, or memory in tests and in `detectEncoding`. */
export interface ByteSource {
  /** Base name, for messages. */
  readonly name: string
  readonly size: number
  /** Fills `target` from `position`. Errors: `data.file_changed` when the bytes are no longer there. */
  read(target: Uint8Array, position: number): void
  close(): void
}

/** Opens a file for the table readers. Errors: `data.file_missing`, `data.file_unreadable`. */
export function openSource(path: string): ByteSource {
  const name = basename(path)
  const handle = guarded(path, () => openForReading(path))
  return {
    name,
    size: handle.size,
    read: (target, position) => readFully(handle, target, position),
    close: () => handle.close(),
  }
}

/** Bytes in memory as a source. */
export function memorySource(bytes: Uint8Array, name = ''): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (target, position) => target.set(bytes.subarray(position, position + target.length)),
    close: () => {},
  }
}

function readFully(handle: ReadHandle, target: Uint8Array, position: number): void {
  const complete = guarded(handle.path, () => handle.readInto(target, position))
  if (!complete) throw new AppError('data.file_changed', { file: basename(handle.path) })
}

/** Turns the system's errors into ours; anything without a system code is a defect and passes through. */
function guarded<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const reason = (error as { code?: unknown }).code
    if (reason === 'ENOENT' || reason === 'ENOTDIR') throw new AppError('data.file_missing', { path })
    if (typeof reason === 'string') throw new AppError('data.file_unreadable', { path, reason })
    throw error
  }
}
