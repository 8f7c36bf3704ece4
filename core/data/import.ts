import { basename } from 'node:path'
import { openTable } from '../formats/tables/index.ts'
import { AppError } from '../kit/index.ts'
import { checkColumns, checkMessages, contentHashes, isBlank, type Mapping, makeMapping, mapFields } from './mapping.ts'
import type { DataIo, DataTask, DraftRow, RowSource, Split } from './types.ts'

export interface ReadOptions {
  /** Absolute paths, read in this order. */
  readonly paths: readonly string[]
  readonly columns: Readonly<Record<string, string>>
  readonly task: DataTask
  readonly split: Split
}

/** Rows of some files before identities are given (`id` is empty). */
export interface ReadRows {
  readonly rows: DraftRow[]
  /** Rows in the files, dropped ones included. */
  readonly count: number
  /** Rows dropped because a required column was blank. */
  readonly empty: readonly RowSource[]
  readonly files: readonly { readonly file: string; readonly sha256: string; readonly rows: number }[]
}

/**
 * Step 1: reads files in order and maps their columns. Rows that are blank in a required column are dropped and counted.
 * Errors: those of the table readers, `data.column_missing`, `data.column_unmapped`, `data.messages_invalid`,
 * `data.all_empty`.
 */
export function readRows(options: ReadOptions, io: Pick<DataIo, 'cancel' | 'progress'>): ReadRows {
  const mapping = makeMapping(options.task, options.columns)
  const rows: DraftRow[] = []
  const empty: RowSource[] = []
  const files = options.paths.map((path) => readFile({ path, mapping, split: options.split, rows, empty }, io))
  const count = files.reduce((sum, f) => sum + f.rows, 0)
  if (rows.length === 0) {
    const facts = { file: files.map((f) => f.file), rows: count, columns: Object.values(options.columns) }
    throw new AppError('data.all_empty', facts)
  }
  return { rows, count, empty, files }
}

interface FileWork {
  readonly path: string
  readonly mapping: Mapping
  readonly split: Split
  readonly rows: DraftRow[]
  readonly empty: RowSource[]
}

function readFile(work: FileWork, io: Pick<DataIo, 'cancel' | 'progress'>): ReadRows['files'][number] {
  const { path, mapping } = work
  const file = basename(path)
  const progress = (done: number, total: number): void => io.progress?.({ stage: 'import', done, total, unit: 'bytes' })
  const table = openTable(path, { cancel: io.cancel, progress })
  const { sha256, format } = table.scan
  const wholeHeader = format === 'csv' || format === 'tsv' || format === 'txt'
  let count = 0
  for (const { line, fields: record } of table.records) {
    if (count++ === 0 && wholeHeader) checkColumns(mapping, table.columns, file)
    const source: RowSource = { file, sha256, sheet: null, line }
    const fields = mapFields(mapping, record)
    if (isBlank(mapping, fields)) {
      work.empty.push(source)
      continue
    }
    if (mapping.task === 'chat') checkMessages(fields.messages, { file, line })
    work.rows.push(draft(mapping, fields, source, work.split))
  }
  // JSON rows may bring a column late, so only the whole file can lack one.
  if (!wholeHeader) checkColumns(mapping, table.columns, file)
  return { file, sha256, rows: count }
}

function draft(mapping: Mapping, fields: Record<string, string>, source: RowSource, split: Split): DraftRow {
  return {
    id: '',
    fields,
    label: mapping.task === 'classification' ? fields.label : null,
    weight: 1,
    ...contentHashes(mapping, fields),
    source,
    parent: null,
    origin: 'human',
    split,
  }
}

/**
 * Gives each row its id: content hash and how many rows with that content came before. Held-out rows are numbered first, so
 * their ids do not move when training rows are added.
 */
export function assignIds(...lists: readonly (readonly DraftRow[])[]): void {
  const seen = new Map<string, number>()
  for (const rows of lists) {
    for (const row of rows) {
      const occurrence = (seen.get(row.hash) ?? 0) + 1
      seen.set(row.hash, occurrence)
      row.id = `${row.hash.slice(0, 32)}.${occurrence}`
    }
  }
}
