import type { Database as Connection } from 'better-sqlite3'
import { invariant } from '../kit/index.ts'
import { type Occasion, storeFailure } from './failure.ts'

export type SqlValue = string | number | null
/** Values for `?` in order, or for `@name` by name. */
export type Params = readonly SqlValue[] | Readonly<Record<string, SqlValue>>
/** A row as SQLite gives it, not yet checked. */
export type RawRow = Record<string, unknown>

export interface Query {
  get(params?: Params): RawRow | undefined
  all(params?: Params): RawRow[]
  /** Streams; no write may run on the store before the iteration ends. */
  each(params?: Params): IterableIterator<RawRow>
}

export interface Command {
  /** Runs inside the current `store.write` and returns the number of changed rows. */
  run(params?: Params): number
}

/**
 * One connection as the repositories see it: statements prepared once, failures named, mutations possible only inside
 * a transaction, and the written bytes summed so that a full disk can say how much room was needed.
 */
export interface Session {
  readonly connection: Connection
  readonly path: string
  query(table: string, sql: string): Query
  command(table: string, sql: string): Command
  /** Bytes bound since `resetSpent`, turned into an estimate of the disk space they take. */
  neededBytes(): number
  resetSpent(): void
}

export function openSession(connection: Connection, path: string): Session {
  let spent = 0
  // Log frames and database pages each hold the data once, with indexes about twice; 64 pages for roots and inner nodes.
  const neededBytes = (): number => 4 * spent + 64 * 4096
  const guarded = <T>(occasion: () => Occasion, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw storeFailure(error, occasion())
    }
  }
  return {
    connection,
    path,
    neededBytes,
    resetSpent() {
      spent = 0
    },
    query(table, sql) {
      const statement = guarded(
        () => ({ path, table }),
        () => connection.prepare<unknown[], RawRow>(sql),
      )
      const occasion = () => ({ path, table })
      return {
        get: (params = []) => guarded(occasion, () => statement.get(params)),
        all: (params = []) => guarded(occasion, () => statement.all(params)),
        *each(params = []) {
          try {
            yield* statement.iterate(params)
          } catch (error) {
            throw storeFailure(error, occasion())
          }
        },
      }
    },
    command(table, sql) {
      const removing = /^\s*DELETE/.test(sql)
      const statement = connection.prepare<unknown[]>(sql)
      return {
        run(params = []) {
          // SQLite rolls a transaction back by itself when the disk is full: what follows must not commit alone.
          invariant(connection.inTransaction, `a change of ${table} outside a transaction`)
          spent += bytesOf(params)
          try {
            return statement.run(params).changes
          } catch (error) {
            throw storeFailure(error, { path, table, removing, neededBytes: neededBytes() })
          }
        },
      }
    },
  }
}

function bytesOf(params: Params): number {
  let bytes = 0
  for (const value of Array.isArray(params) ? params : Object.values(params)) {
    bytes += typeof value === 'string' ? Buffer.byteLength(value) : 9
  }
  return bytes
}
