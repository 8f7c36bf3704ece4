import { AppError, fileFacts } from '../../kit/index.ts'

/** What others may do with a key file: `private` lets nobody else in, `guarded` lets others read but not write. */
export type Guard = 'private' | 'guarded'

/**
 * Refuses a key file that other accounts of this machine can read (private key) or change (trust store).
 * Windows keeps rights in access lists that the mode bits do not show; the user's own folder is private there.
 * @throws keys.permissions_open
 */
export function checkPermissions(path: string, guard: Guard): void {
  if (process.platform === 'win32') return
  const mode = fileFacts(path)?.mode ?? 0
  const open = guard === 'private' ? mode & 0o077 : mode & 0o022
  if (open !== 0) throw new AppError('keys.permissions_open', { path, mode: mode.toString(8).padStart(3, '0') })
}
