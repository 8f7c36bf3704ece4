import type { Database as Connection } from 'better-sqlite3'

/**
 * One numbered step of the schema. `up` runs inside the transaction that also moves `user_version` and writes the
 * audit entry, so an interrupted upgrade leaves the old schema whole. A released migration is never edited.
 */
export interface Migration {
  readonly version: number
  readonly name: string
  up(connection: Connection): void
}
