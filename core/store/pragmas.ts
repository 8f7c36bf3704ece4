import { dirname } from 'node:path'
import type { Database as Connection } from 'better-sqlite3'
import { AppError, invariant } from '../kit/index.ts'
import { BUSY_SECONDS } from './failure.ts'

/** `AIRL`: marks the file as a project store of Airlock. */
export const APPLICATION_ID = 0x41_49_52_4c

/**
 * What every connection must have, name → value as SQLite reads it back. SQLite forgets all of these except the
 * journal mode when a connection closes, and the library's own default for WAL is synchronous=NORMAL, which may lose
 * the last commits in a power cut.
 */
export const CONNECTION_PRAGMAS: Readonly<Record<string, number | string>> = {
  busy_timeout: BUSY_SECONDS * 1000,
  synchronous: 2, // FULL
  foreign_keys: 1,
  trusted_schema: 0,
  recursive_triggers: 1, // so that INSERT OR REPLACE meets the audit trail's delete trigger
  cell_size_check: 1,
  journal_size_limit: 64 * 1024 * 1024,
}

/** Sets the pragmas of a connection and reads each one back; none of them writes to the file. */
export function applyPragmas(connection: Connection, options: { readonly: boolean }): void {
  for (const [name, value] of Object.entries(CONNECTION_PRAGMAS)) {
    connection.pragma(`${name} = ${value}`)
    const found = connection.pragma(name, { simple: true })
    invariant(found === value, `pragma ${name} is ${String(found)}`)
  }
  if (options.readonly) connection.pragma('query_only = 1')
}

/** Switches the file to write-ahead logging, which it then remembers. */
export function useWriteAheadLog(connection: Connection): void {
  const journal = connection.pragma('journal_mode = WAL', { simple: true })
  if (journal !== 'wal') throw new AppError('store.wal_unavailable', { folder: dirname(connection.name), journal })
}

/** Every setting above and the journal mode, read from the connection. */
export function readPragmas(connection: Connection): Record<string, unknown> {
  const names = ['journal_mode', ...Object.keys(CONNECTION_PRAGMAS)]
  return Object.fromEntries(names.map((name) => [name, connection.pragma(name, { simple: true })]))
}
