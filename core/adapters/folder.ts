import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { AppError, diskFiles, isAppError } from '../kit/index.ts'

/** Writes one file below the folder being made; the path is relative, with '/'. */
export type PutFile = (path: string, data: Uint8Array) => void

export interface FolderTarget {
  readonly folder: string
  /** Replaces an existing folder that holds nothing but what is written now; anything else in it is never deleted. */
  readonly replace?: boolean
}

/**
 * Makes a folder whole or not at all: everything is written beside it under a temporary name, flushed, then renamed.
 * @throws adapter.folder_exists, adapter.write_failed, and whatever `fill` throws; nothing is left behind
 */
export async function writeFolder(target: FolderTarget, fill: (put: PutFile) => void | Promise<void>): Promise<void> {
  const { folder, replace = false } = target
  const isFree = !diskFiles.exists(folder) || isEmptyFolder(folder)
  if (!isFree && !replace) throw new AppError('adapter.folder_exists', { folder })
  const tag = randomBytes(4).toString('hex')
  const temporary = join(dirname(folder), `.${basename(folder)}.${tag}.partial`)
  const aside = join(dirname(folder), `.${basename(folder)}.${tag}.old`)
  const folders = new Set([temporary])
  const written = new Set<string>()
  try {
    diskFiles.makeFolder(temporary)
    await fill((path, data) => {
      const full = join(temporary, path)
      written.add(path.split('/')[0])
      for (let at = dirname(full); !folders.has(at); at = dirname(at)) folders.add(at)
      diskFiles.makeFolder(dirname(full))
      diskFiles.writeDurable(full, data)
    })
    if (!isFree && !holdsOnly(folder, written)) throw new AppError('adapter.folder_exists', { folder })
    for (const made of folders) diskFiles.syncFolder(made)
    swap({ folder, temporary, aside, replace: !isFree })
  } catch (cause) {
    diskFiles.remove(temporary)
    if (isAppError(cause)) throw cause
    throw new AppError('adapter.write_failed', { folder, reason: (cause as { code?: string }).code }, { cause })
  }
}

interface Swap {
  folder: string
  temporary: string
  aside: string
  replace: boolean
}

function swap({ folder, temporary, aside, replace }: Swap): void {
  if (replace) diskFiles.rename(folder, aside)
  else if (diskFiles.exists(folder)) diskFiles.remove(folder) // an empty folder: Windows does not rename onto it
  try {
    diskFiles.rename(temporary, folder)
  } catch (error) {
    if (replace) diskFiles.rename(aside, folder)
    throw error
  }
  diskFiles.syncFolder(dirname(folder))
  if (replace) diskFiles.remove(aside)
}

const isEmptyFolder = (path: string): boolean => holdsOnly(path, new Set())

/** False for a file of that name too. */
function holdsOnly(path: string, names: ReadonlySet<string>): boolean {
  try {
    return diskFiles.list(path).every((name) => names.has(name))
  } catch {
    return false
  }
}
