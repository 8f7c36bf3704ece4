import type { Schema, SchemaError } from '../contract/domain/store.ts'
import { AppError, canonicalJson } from '../kit/index.ts'
import type { RawRow, Session } from './session.ts'

/** Checks a record on its way in; the error names table, field and rule, never the value. */
export function checked<T>(table: string, schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new AppError('store.invalid_value', { table, ...firstIssue(result.error) })
}

/** JSON text of a value in its own member order; what JSON cannot hold (NaN, undefined, bigint …) is refused. */
export function jsonText(table: string, field: string, value: unknown): string {
  const text = guardJson(table, field, () => JSON.stringify(value, refuseUnrepresentable))
  if (text === undefined) throw new AppError('store.invalid_value', { table, field, expected: 'JSON' })
  return text
}

/** Canonical JSON text: for what is hashed. */
export function canonicalText(table: string, field: string, value: unknown): string {
  return guardJson(table, field, () => canonicalJson(value))
}

function guardJson<T>(table: string, field: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new AppError('store.invalid_value', { table, field, expected: 'JSON' }, { cause: error })
  }
}

function refuseUnrepresentable(_key: string, value: unknown): unknown {
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError('not representable in JSON')
  }
  return value
}

/** How one table's columns become a record: which hold JSON, which hold 0 or 1. */
export interface RecordShape<T> {
  readonly table: string
  readonly schema: Schema<T>
  readonly json?: readonly string[]
  readonly flags?: readonly string[]
}

/** Turns a raw row, its columns already named like the record's members, into a checked record. */
export function decode<T>(session: Session, shape: RecordShape<T>, raw: RawRow): T {
  for (const field of shape.json ?? []) raw[field] = parseColumn(session, shape.table, field, raw[field])
  for (const field of shape.flags ?? []) raw[field] = raw[field] === 1
  const result = shape.schema.safeParse(raw)
  if (result.success) return result.data
  const place = `${shape.table}.${firstIssue(result.error).field}`
  throw new AppError('store.corrupt', { path: session.path, place })
}

export function decodeMaybe<T>(session: Session, shape: RecordShape<T>, raw: RawRow | undefined): T | undefined {
  return raw === undefined ? undefined : decode(session, shape, raw)
}

function parseColumn(session: Session, table: string, field: string, value: unknown): unknown {
  if (value === null) return null
  try {
    return JSON.parse(value as string)
  } catch (cause) {
    throw new AppError('store.corrupt', { path: session.path, place: `${table}.${field}` }, { cause })
  }
}

/** First violated rule. Only the path inside the schema is named: keys of user data never reach it. */
function firstIssue(error: SchemaError): { field: string; expected: string } {
  const issue = error.issues[0]
  const field = issue === undefined || issue.path.length === 0 ? 'record' : issue.path.map(String).join('.')
  const expected = issue === undefined ? 'unknown' : 'expected' in issue ? String(issue.expected) : issue.code
  return { field, expected: issue?.code === 'custom' ? issue.message : expected }
}

/** Throws `store.not_found` when a change by id met no row. */
export function requireOne(changes: number, table: string, id: string): void {
  if (changes === 0) throw new AppError('store.not_found', { table, id })
}

/** `run-12`: the next id of a table whose key is AUTOINCREMENT, so a removed entry's id never comes back. */
export function idSource(session: Session, table: string, prefix: string): () => string {
  const last = session.query(table, `SELECT seq FROM sqlite_sequence WHERE name = '${table}'`)
  return () => `${prefix}-${Number(last.get()?.seq ?? 0) + 1}`
}

/** Looks up the integer key behind an id; throws `store.not_found`. */
export function keyLookup(session: Session, table: string): (id: string) => number {
  const find = session.query(table, `SELECT seq FROM ${table} WHERE id = ?`)
  return (id) => {
    const raw = find.get([id])
    if (raw === undefined) throw new AppError('store.not_found', { table, id })
    return Number(raw.seq)
  }
}
