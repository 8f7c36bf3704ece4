import { join } from 'node:path'
import Database, { type Database as Connection } from 'better-sqlite3'
import { AppError, type Clock, diskFiles, isAppError } from '../kit/index.ts'
import { storeFailure } from './failure.ts'
import { type Machine, refuseNetworkShare } from './location.ts'

/** Milliseconds to wait for a predecessor that is just closing. */
const PATIENCE = 500

/** Keeps the locks reachable: a connection that is garbage-collected closes itself, and its lock with it. */
const held = new Set<Connection>()

export interface Ownership {
  release(): void
}

/**
 * Makes this process the one writer of the workspace, or throws `store.in_use` with the owner's process id.
 *
 * The lock is a second small database, `airlock.lock`, in which the owner holds a write transaction for as long as it
 * lives. That is a lock of the operating system: it ends with the process however it dies, so a dead owner is taken
 * over without guessing from process ids; and it lets others read who holds it.
 * The process must not open and close `airlock.lock` or `airlock.db` by other means: POSIX would drop the locks.
 */
export function takeOwnership(folder: string, options: { clock: Clock; machine: Machine }): Ownership {
  const path = join(folder, 'airlock.lock')
  const existed = diskFiles.exists(path)
  let connection: Connection | undefined
  try {
    connection = new Database(path, { timeout: PATIENCE })
    refuseResolvedShare(connection, options.machine)
    connection.exec('BEGIN IMMEDIATE')
    connection.exec(
      `CREATE TABLE IF NOT EXISTS owner (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL,
         since INTEGER NOT NULL) STRICT`,
    )
    connection.prepare('INSERT OR REPLACE INTO owner VALUES (1, ?, ?)').run(process.pid, options.clock.now())
    connection.exec('COMMIT')
    connection.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const failure = lockFailure(error, { connection, folder, path })
    connection?.close()
    if (isAppError(failure, 'store.network_share') && !existed) diskFiles.remove(path)
    throw failure
  }
  const lock = connection
  held.add(lock)
  return {
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

interface LockAttempt {
  connection: Connection | undefined
  folder: string
  path: string
}

function lockFailure(error: unknown, { connection, folder, path }: LockAttempt): unknown {
  const failure = storeFailure(error, { path })
  if (isAppError(failure, 'store.busy') && connection !== undefined) {
    return new AppError('store.in_use', { folder, ...ownerOf(connection) }, { cause: error })
  }
  if (isAppError(failure, 'store.not_a_database') || isAppError(failure, 'store.corrupt')) {
    return new AppError('store.lock_damaged', { path }, { cause: error })
  }
  return failure
}

/** Reads who holds the lock; `pid` is "?" in the instant before a new owner has written its name. */
function ownerOf(connection: Connection): { pid: number | '?'; since?: number } {
  try {
    const owner = connection.prepare<[], { pid: number; since: number }>('SELECT pid, since FROM owner').get()
    return owner === undefined ? { pid: '?' } : owner
  } catch {
    return { pid: '?' }
  }
}

/** SQLite names the file with every link followed, so a link into a network share is seen here. */
export function refuseResolvedShare(connection: Connection, machine: Machine): void {
  const files = connection.pragma('database_list') as { name: string; file: string }[]
  const file = files.find((entry) => entry.name === 'main')?.file
  if (file !== undefined && file !== '') refuseNetworkShare(file, machine)
}
