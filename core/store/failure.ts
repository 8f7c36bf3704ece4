import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../kit/index.ts'

/** Seconds a statement waits for a lock held by another connection. */
export const BUSY_SECONDS = 5

/** What was going on when SQLite complained: the facts an error may name. */
export interface Occasion {
  readonly path: string
  readonly table?: string
  readonly removing?: boolean
  /** Estimate of the room the current transaction asked for. */
  readonly neededBytes?: number
}

/** A full disk shows as FULL, or as a failed extension of the shared-memory index beside the database. */
const FULL = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMMAP'])
/** An empty transaction still needs a few pages of write-ahead log. */
const LEAST_BYTES = 256 * 1024

/**
 * Turns an error of SQLite into the named error of the product; anything else comes back unchanged. SQLite's own
 * message is used only for the column names of a failed constraint: it never holds values.
 */
export function storeFailure(error: unknown, on: Occasion): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const { code } = error
  const { path } = on
  const options = { cause: error }
  if (FULL.has(code)) {
    const neededBytes = Math.max(LEAST_BYTES, on.neededBytes ?? 0)
    return new AppError('store.disk_full', { folder: dirname(path), neededBytes }, options)
  }
  if (code === 'SQLITE_NOTADB') return new AppError('store.not_a_database', { path }, options)
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new AppError('store.corrupt', { path, place: on.table ?? 'pages' }, options)
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AppError('store.busy', { path, seconds: BUSY_SECONDS }, options)
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH') {
    return new AppError('store.read_only', { folder: dirname(path) }, options)
  }
  if (code.startsWith('SQLITE_CANTOPEN')) return new AppError('store.cannot_open', { path, cause: code }, options)
  if (code.startsWith('SQLITE_CONSTRAINT')) return constraintFailure(error, on)
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_NOMEM') {
    return new AppError('store.io', { path, cause: code }, options)
  }
  return error
}

function constraintFailure(error: { code: string; message: string }, on: Occasion): unknown {
  const options = { cause: error }
  const columns = [...error.message.matchAll(/\w+\.(\w+)/g)].map((match) => match[1])
  const [table, field] = [on.table ?? '', columns.join(', ')]
  switch (error.code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
    case 'SQLITE_CONSTRAINT_ROWID':
      return new AppError('store.exists', { table, field }, options)
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
      return new AppError(on.removing ? 'store.still_used' : 'store.unknown_reference', { table }, options)
    case 'SQLITE_CONSTRAINT_CHECK':
    case 'SQLITE_CONSTRAINT_NOTNULL':
    case 'SQLITE_CONSTRAINT_DATATYPE':
      return new AppError('store.invalid_value', { table, field, expected: 'schema' }, options)
    default: // a trigger: only the audit trail has some, and no code of ours may meet them
      return error
  }
}
