import { fileFacts } from '../kit/file-facts.ts'
import { AppError, openForReading, type ReadHandle } from '../kit/index.ts'

/**
 * Opens an ordinary file for reading by position, with named errors instead of the platform's:
 * `format.file_missing`, `format.not_a_file` (folder, pipe, device), `format.file_unreadable`, `format.file_empty`.
 * The type is checked before the file is opened, because opening a pipe would wait for a writer for ever.
 */
export function openPlainFile(path: string): ReadHandle {
  const facts = guarded(path, () => fileFacts(path))
  if (facts === undefined) throw new AppError('format.file_missing', { path })
  if (!facts.isFile) throw new AppError('format.not_a_file', { path })
  if (facts.size === 0) throw new AppError('format.file_empty', { path })
  const file = guarded(path, () => openForReading(path))
  let open = true
  return {
    path,
    size: file.size,
    readInto(target, position) {
      if (!open) throw new AppError('internal.invariant', { message: 'read from a closed model file' })
      return guarded(path, () => file.readInto(target, position))
    },
    close() {
      if (open) file.close()
      open = false
    },
  }
}

/** Fills `target` from `position`; `format.file_changed` when the file has become shorter since it was opened. */
export function readExactly(file: ReadHandle, target: Uint8Array, position: number): void {
  if (!file.readInto(target, position)) throw new AppError('format.file_changed', { path: file.path })
}

/** True when something can be reached at `path`, links followed. */
export function pathExists(path: string): boolean {
  return guarded(path, () => fileFacts(path)) !== undefined
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new AppError('format.file_unreadable', { path, reason }, { cause: error })
  }
}
