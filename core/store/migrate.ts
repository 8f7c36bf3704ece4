import type { Database as Connection } from 'better-sqlite3'
import { AppError, type Clock } from '../kit/index.ts'
import { auditAppender } from './audit.ts'
import { migrations as released } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { APPLICATION_ID } from './pragmas.ts'
import { openSession } from './session.ts'

/** The schema this program writes. */
export const SCHEMA_VERSION = released.length

/** Throws `store.foreign` or `store.newer` unless the file is empty or a store this program understands. */
export function readSchemaVersion(connection: Connection, path: string): number {
  const read = (pragma: string): number => connection.pragma(pragma, { simple: true }) as number
  const version = read('user_version')
  const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (read('application_id') !== APPLICATION_ID && !(isEmpty && version === 0)) {
    throw new AppError('store.foreign', { path })
  }
  if (version > SCHEMA_VERSION) throw new AppError('store.newer', { path, found: version, known: SCHEMA_VERSION })
  return version
}

/**
 * Brings the schema up to date: all missing steps, the new version number and one audit entry in a single
 * transaction. Does nothing when the schema is current.
 */
export function migrate(connection: Connection, options: { path: string; actor: string; clock: Clock }): void {
  const from = readSchemaVersion(connection, options.path)
  if (from === SCHEMA_VERSION) return
  connection
    .transaction(() => {
      applyMigrations(connection, released.slice(from))
      const audit = auditAppender(openSession(connection, options.path), options)
      const detail = { from, to: SCHEMA_VERSION }
      audit({ action: from === 0 ? 'store.create' : 'store.migrate', subject: 'store', detail })
    })
    .immediate()
}

/** Applies steps in order and moves `user_version` with each; to be called inside a transaction. */
export function applyMigrations(connection: Connection, steps: readonly Migration[]): void {
  connection.pragma(`application_id = ${APPLICATION_ID}`)
  for (const step of steps) {
    step.up(connection)
    connection.pragma(`user_version = ${step.version}`)
  }
}
