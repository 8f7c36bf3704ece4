import { basename } from 'node:path'
import type { DataSource } from '../contract/app.ts'
import type { AppIo, Stage } from '../contract/progress.ts'
import { checkLabelsExist } from '../data/labels.ts'
import { inspectTable, openTable, type TableInspection } from '../formats/tables/index.ts'
import { AppError } from '../kit/index.ts'
import type { DataRow } from '../store/index.ts'
import type { AppContext } from './context.ts'
import { type RowRule, rowRule, type TableFields } from './data-rule.ts'
import { findVersion, isCopy, leftOut, rowsOfVersion, type StoredVersion } from './data-store.ts'

/** A row on its way through a data command: the cells as the table has them, and what is known of it. */
export type SourceRow = Omit<DataRow, 'fields' | 'group' | 'addedAt' | 'contentHash'> & {
  readonly fields: TableFields
  readonly hash: string
  readonly group: string
  /** When the store got it; null for a row of a file. */
  readonly addedAt: number | null
}

/** What a pass over the rows has seen so far. */
export interface Tally {
  /** Rows in the files or the version. */
  read: number
  empty: number
  otherClasses: number
  /** Used rows that equal an earlier one; copies made by balancing not counted. */
  duplicates: number
  /** Rows a class, before any is left out for its class. */
  readonly classes: Map<string, number>
}

export const newTally = (): Tally => ({ read: 0, empty: 0, otherClasses: 0, duplicates: 0, classes: new Map() })

/** A table file as it was read. */
export interface SourceFile {
  readonly path: string
  readonly sha256: string
  readonly format: string
  readonly encoding: string
  readonly delimiter: string | null
  rows: number
}

/** The rows of one command, from files or from the store; every pass gives the same rows with the same ids. */
export interface OpenedSource {
  readonly rule: RowRule
  /** The version the rows come from; null for files. */
  readonly stored: StoredVersion | null
  /** Row counts are those of the last whole pass. */
  readonly files: readonly SourceFile[]
  /** Complete after a whole pass: a table in JSON may bring a column late. */
  readonly header: readonly string[]
  rows(tally: Tally, stage: Stage): Generator<SourceRow>
}

/**
 * Opens files or a stored dataset. Errors: those of the table readers, `data.dataset_unknown`, `data.column_missing`,
 * `data.column_unmapped`.
 */
export function openSource(context: AppContext, input: DataSource, io: AppIo): OpenedSource {
  const wanted = input.labels === null ? null : new Set(input.labels)
  const source =
    input.dataset === null ? openFiles(input, wanted, io) : openVersion(context, input.dataset, { input, wanted, io })
  if (wanted !== null && !source.rule.hasLabel) {
    throw new AppError('data.column_unmapped', { task: 'classification', missing: ['label'] })
  }
  return source
}

/** Ends with `data.label_unknown` when a class that was asked for does not exist; `tally` has seen all rows. */
export function checkWanted(input: DataSource, tally: Tally): void {
  if (input.labels !== null) checkLabelsExist(input.labels, tally.classes)
}

// ── files ──

function openFiles(input: DataSource, wanted: ReadonlySet<string> | null, io: AppIo): OpenedSource {
  if (input.files.length === 0)
    throw new AppError('data.option_invalid', { option: 'files', value: '[]', expected: '≥ 1' })
  const tables = input.files.map((path) => inspectTable(path, { cancel: io.cancel }))
  const header: string[] = []
  const addColumns = (columns: readonly string[]): void => {
    for (const column of columns) if (!header.includes(column)) header.push(column)
  }
  for (const table of tables) addColumns(table.columns)
  const rule = rowRule(input.columns, tables[0].columns)
  const files = tables.map(({ path, sha256, format, encoding, delimiter }): SourceFile => {
    return { path, sha256, format, encoding, delimiter, rows: 0 }
  })
  return {
    rule,
    stored: null,
    files,
    header,
    *rows(tally, stage) {
      const occurrences = new Occurrences()
      const total = tables.reduce((sum, table) => sum + table.bytes, 0)
      let before = 0
      for (const [i, table] of tables.entries()) {
        const progress = (done: number): void => io.progress({ stage, done: before + done, total, unit: 'bytes' })
        const rows = fileRows(table, { rule, tally, addColumns, progress, io })
        const start = tally.read
        for (const row of rows) {
          if (!isWanted(row, wanted, tally)) continue
          const occurrence = occurrences.next(row.hash)
          if (occurrence > 1) tally.duplicates++
          yield { ...row, id: `${row.hash.slice(0, 32)}.${occurrence}` }
        }
        files[i].rows = tally.read - start
        before += table.bytes
      }
    },
  }
}

interface FileWork {
  readonly rule: RowRule
  readonly tally: Tally
  readonly io: AppIo
  addColumns(columns: readonly string[]): void
  progress(doneBytes: number): void
}

/** Rows of one file; the bytes must still be those that were scanned. */
function* fileRows(scan: TableInspection, work: FileWork): Generator<SourceRow> {
  const { rule, tally, io } = work
  const file = basename(scan.path)
  const table = openTable(scan.path, { scan, cancel: io.cancel, progress: work.progress })
  // JSON rows may bring a column late, so there only the whole file can lack one.
  const isLate = scan.format === 'json' || scan.format === 'jsonl'
  let first = true
  for (const { line, fields } of table.records) {
    if (first && !isLate) rule.checkHeader(table.columns, file)
    first = false
    tally.read++
    const identity = rule.identify(fields, { file, line })
    if (identity === null) {
      tally.empty++
      continue
    }
    const source = { fileHash: scan.sha256, sheet: null, line }
    yield { id: '', fields, ...identity, source, parent: null, origin: 'human', split: null, addedAt: null }
  }
  if (isLate) rule.checkHeader(table.columns, file)
  work.addColumns(table.columns)
}

/** Counts the class and says whether the row stays. */
function isWanted({ label }: SourceRow, wanted: ReadonlySet<string> | null, tally: Tally): boolean {
  if (label !== null) tally.classes.set(label, (tally.classes.get(label) ?? 0) + 1)
  if (wanted === null || (label !== null && wanted.has(label))) return true
  tally.otherClasses++
  return false
}

/** Numbers rows of equal content: the id of a file's row is `<32 hex of its content>.<n>`, whatever stands around it. */
class Occurrences {
  private readonly seen = new Map<string, number>()

  /** 1 for the first row with this content. */
  next(hash: string): number {
    // 16 bytes a row instead of 64 characters: a million rows need tens of megabytes, not hundreds.
    const key = Buffer.from(hash.slice(0, 32), 'hex').toString('latin1')
    const count = (this.seen.get(key) ?? 0) + 1
    this.seen.set(key, count)
    return count
  }
}

// ── store ──

interface VersionWork {
  readonly input: DataSource
  readonly wanted: ReadonlySet<string> | null
  readonly io: AppIo
}

function openVersion(context: AppContext, reference: string, { input, wanted, io }: VersionWork): OpenedSource {
  const stored = findVersion(context, reference)
  const { header } = stored
  const rule = rowRule(input.columns ?? stored.columns, header)
  if (input.columns !== null) rule.checkHeader(header, stored.dataset.name)
  return {
    rule,
    stored,
    files: stored.files,
    header,
    *rows(tally, stage) {
      const occurrences = new Occurrences()
      const total = stored.version.rowCount
      for (const row of rowsOfVersion(context, stored)) {
        if (tally.read % 1024 === 0) {
          io.cancel.throwIfRequested()
          io.progress({ stage, done: tally.read, total, unit: 'rows' })
        }
        tally.read++
        const again = input.columns === null ? row : identified(row, rule, stored.dataset.name)
        if (again === null) tally.empty++
        else if (leftOut(stored, again)) yield again
        else if (isWanted(again, wanted, tally)) {
          if (!isCopy(again) && occurrences.next(again.hash) > 1) tally.duplicates++
          yield again
        }
      }
      io.progress({ stage, done: total, total, unit: 'rows' })
    },
  }
}

/** The row under another mapping than the one it was stored with. */
function identified(row: SourceRow, rule: RowRule, file: string): SourceRow | null {
  const identity = rule.identify(row.fields, { file, line: row.source?.line ?? 0 })
  return identity === null ? null : { ...row, ...identity }
}
