import { join, resolve } from 'node:path'
import Database, { type Database as Connection } from 'better-sqlite3'
import { AppError, type Clock, diskFiles, isAppError, systemClock } from '../kit/index.ts'
import { BUSY_SECONDS, storeFailure } from './failure.ts'
import { type Machine, refuseNetworkShare, thisMachine } from './location.ts'
import { migrate, readSchemaVersion, SCHEMA_VERSION } from './migrate.ts'
import { type Ownership, refuseResolvedShare, takeOwnership } from './owner.ts'
import { applyPragmas, useWriteAheadLog } from './pragmas.ts'
import { openSession } from './session.ts'
import { type ReadStore, readStore, type Store, writeStore } from './store.ts'

/** Name of the database inside a workspace folder. */
export const STORE_FILE = 'airlock.db'

export interface OpenOptions {
  /** Who acts, as the audit trail names them: a key id or a user name. */
  actor: string
  clock?: Clock
  /** Upper bound of the database file in bytes: a write beyond it fails with `store.disk_full`. */
  maxBytes?: number
  machine?: Machine
}

/**
 * Opens the project store of a workspace folder.
 *
 * `write` (the usual mode) creates folder and store when missing, brings an older schema up to date and makes this
 * process the owner. `read` looks at an existing store, also while its owner writes; only a store of an older schema
 * is first opened once for writing.
 *
 * Errors: `store.missing` (read), `store.in_use`, `store.network_share`, `store.newer`, `store.foreign`,
 * `store.not_a_database`, `store.corrupt`, `store.lock_damaged`, `store.read_only`, `store.cannot_open`,
 * `store.disk_full`, `store.wal_unavailable`.
 */
export function openStore(folder: string, options: OpenOptions & { mode: 'read' }): ReadStore
export function openStore(folder: string, options: OpenOptions & { mode?: 'write' }): Store
export function openStore(given: string, options: OpenOptions & { mode?: 'read' | 'write' }): ReadStore {
  const folder = resolve(given)
  const machine = options.machine ?? thisMachine
  refuseNetworkShare(folder, machine)
  const place: Place = { folder, path: join(folder, STORE_FILE), machine, clock: options.clock ?? systemClock }
  try {
    return options.mode === 'read' ? openToRead(place, options) : openToWrite(place, options)
  } catch (error) {
    throw explained(storeFailure(error, { path: place.path }), place)
  }
}

interface Place {
  folder: string
  path: string
  machine: Machine
  clock: Clock
}

function openToRead(place: Place, options: OpenOptions): ReadStore {
  const { folder, path, machine } = place
  if (!diskFiles.exists(path)) throw new AppError('store.missing', { folder })
  const connection = connect(path, true)
  try {
    refuseResolvedShare(connection, machine)
    applyPragmas(connection, { readonly: true })
    if (readSchemaVersion(connection, path) === SCHEMA_VERSION) {
      return readStore(openSession(connection, path), { folder, onClose() {} })
    }
  } catch (error) {
    connection.close()
    throw error
  }
  connection.close()
  openToWrite(place, options).close()
  return openToRead(place, options)
}

function openToWrite(place: Place, options: OpenOptions): Store {
  const { folder, path, machine, clock } = place
  diskFiles.makeFolder(folder)
  const lock = takeOwnership(folder, { clock, machine })
  let connection: Connection | undefined
  try {
    // Created here, because SQLite would let every user of the machine read it; its companions copy the mode.
    if (!diskFiles.exists(path)) diskFiles.writeDurable(path, new Uint8Array())
    connection = connect(path, false)
    refuseResolvedShare(connection, machine)
    applyPragmas(connection, { readonly: false })
    readSchemaVersion(connection, path) // before anything is written to a file that may not be ours
    useWriteAheadLog(connection)
    limitSize(connection, options.maxBytes)
    migrate(connection, { path, actor: options.actor, clock })
    const onClose = (): void => lock.release()
    return writeStore(openSession(connection, path), { folder, actor: options.actor, clock, onClose })
  } catch (error) {
    abandon(connection, lock)
    throw error
  }
}

function connect(path: string, readonly: boolean): Connection {
  return new Database(path, { timeout: BUSY_SECONDS * 1000, readonly, fileMustExist: true })
}

function limitSize(connection: Connection, maxBytes: number | undefined): void {
  if (maxBytes === undefined) return
  const pageSize = connection.pragma('page_size', { simple: true }) as number
  connection.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`)
}

function abandon(connection: Connection | undefined, lock: Ownership): void {
  connection?.close()
  lock.release()
}

/**
 * SQLite says only "cannot open"; the operating system says why. Trying to write one small file beside the database
 * tells a folder without write permission and a full disk from the rest.
 */
function explained(failure: unknown, place: Place): unknown {
  const cause = isAppError(failure, 'store.cannot_open') ? probe(place) : failure
  return isAppError(cause) ? cause : (systemFailure(cause, place) ?? failure)
}

function probe({ folder }: Place): unknown {
  const path = join(folder, 'airlock.probe')
  try {
    diskFiles.writeDurable(path, new Uint8Array(1))
    return undefined
  } catch (error) {
    return error
  } finally {
    if (diskFiles.exists(path)) diskFiles.remove(path)
  }
}

function systemFailure(error: unknown, { folder, path }: Place): AppError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const options = { cause: error }
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError('store.read_only', { folder }, options)
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('store.disk_full', { folder, neededBytes: 256 * 1024 }, options)
    default:
      return /^E[A-Z0-9]+$/.test(error.code)
        ? new AppError('store.cannot_open', { path, cause: error.code }, options)
        : undefined
  }
}
