import { basename, dirname, extname, join } from 'node:path'
import type { AppIo } from '../contract/progress.ts'
import { encodeCsv } from '../formats/tables/index.ts'
import { fileFacts } from '../kit/file-facts.ts'
import { AppError, diskFiles, writeAtomic } from '../kit/index.ts'
import type { TableFields } from './data-rule.ts'

/** Formats that can be read but not written: asking for one must not give a CSV file of that name. */
const OTHER_TABLES = /^\.(tsv|jsonl?|xlsx?|parquet|txt)$/i

/**
 * Where a table goes: a path that ends in `.csv` is a file (`NAME-train.csv` for a part), anything else a folder.
 * Errors: `feature.unavailable` for a table format that cannot be written.
 */
export function tablePath(to: string, part: string | null, name: string): string {
  const isFolder = fileFacts(to)?.isFile === false
  const extension = extname(to)
  if (!isFolder && OTHER_TABLES.test(extension))
    throw new AppError('feature.unavailable', { feature: `--to *${extension}` })
  if (isFolder || extension.toLowerCase() !== '.csv') return join(to, `${part ?? fileName(name)}.csv`)
  return part === null ? to : join(dirname(to), `${basename(to, extension)}-${part}${extension}`)
}

/** A dataset's name as a file name on every system. */
function fileName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '')
  return plain.slice(0, 80) || 'data'
}

/** A data file is never overwritten: not the source by mistake, nor last week's result. Errors: `data.target_exists`. */
export function refuseTaken(paths: readonly string[]): void {
  for (const path of paths) if (fileFacts(path) !== undefined) throw new AppError('data.target_exists', { path })
}

export interface TableToWrite {
  readonly path: string
  readonly columns: readonly string[]
  readonly rows: Iterable<TableFields>
}

/**
 * Writes tables as CSV files, all or none; returns how many rows they hold together. Errors: `data.target_exists`, those
 * of the rows.
 */
export function writeTables(tables: readonly TableToWrite[], io: AppIo): number {
  refuseTaken(tables.map(({ path }) => path))
  const written: string[] = []
  let total = 0
  try {
    for (const { path, columns, rows } of tables) {
      io.cancel.throwIfRequested()
      const { bytes, rows: count } = encodeCsv(columns, rows, (done) => {
        if (done % 4096 === 0) io.cancel.throwIfRequested()
      })
      diskFiles.makeFolder(dirname(path))
      writeAtomic(path, bytes)
      written.push(path)
      total += count
      io.progress({ stage: 'export', done: written.length, total: tables.length, unit: 'files' })
    }
    return total
  } catch (error) {
    for (const path of written) diskFiles.remove(path)
    throw error
  }
}
