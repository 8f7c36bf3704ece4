import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../tests/fault/store-support.ts'
import { errorCatalogue } from '../contract/errors/index.ts'
import { isAppError } from '../kit/index.ts'
import { storeFailure } from './failure.ts'
import { useWriteAheadLog } from './pragmas.ts'

const named = (code: string, message = 'details'): unknown => {
  const failure = storeFailure(new Database.SqliteError(message, code), { path: '/ws/airlock.db', table: 'models' })
  return isAppError(failure) ? failure.code : failure
}

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'store.disk_full'],
    ['SQLITE_IOERR_SHMSIZE', 'store.disk_full'],
    ['SQLITE_IOERR_READ', 'store.io'],
    ['SQLITE_IOERR_FSYNC', 'store.io'],
    ['SQLITE_NOTADB', 'store.not_a_database'],
    ['SQLITE_CORRUPT_VTAB', 'store.corrupt'],
    ['SQLITE_BUSY_SNAPSHOT', 'store.busy'],
    ['SQLITE_READONLY_DIRECTORY', 'store.read_only'],
    ['SQLITE_CANTOPEN_ISDIR', 'store.cannot_open'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'store.exists'],
    ['SQLITE_CONSTRAINT_FOREIGNKEY', 'store.unknown_reference'],
    ['SQLITE_CONSTRAINT_CHECK', 'store.invalid_value'],
  ])('%s is called %s, which the catalogue knows', (code, expected) => {
    expect(named(code)).toBe(expected)
    expect(errorCatalogue[expected]).toBeDefined()
  })

  it('that is a defect of ours, and an error of somebody else, stay what they are', () => {
    expect(named('SQLITE_ERROR')).toBeInstanceOf(Database.SqliteError)
    expect(named('SQLITE_CONSTRAINT_TRIGGER')).toBeInstanceOf(Database.SqliteError)
    const other = new TypeError('other')
    expect(storeFailure(other, { path: 'x' })).toBe(other)
  })

  it('names columns, never values', () => {
    const error = new Database.SqliteError(
      'UNIQUE constraint failed: rows.version_seq, rows.id',
      'SQLITE_CONSTRAINT_UNIQUE',
    )
    const failure = storeFailure(error, { path: 'x', table: 'rows' })
    expect(failure).toMatchObject({ data: { table: 'rows', field: 'version_seq, id' } })
  })
})

it('a file system without write-ahead logging is refused', () => {
  const db = new Database(':memory:') // memory cannot hold a log either
  expect(codeOf(() => useWriteAheadLog(db))).toBe('store.wal_unavailable')
  db.close()
})
