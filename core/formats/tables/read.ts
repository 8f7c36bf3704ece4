import { AppError, type CancelToken, sha256Stream } from '../../kit/index.ts'
import { readCsv } from './csv.ts'
import { alignedChunks, decodedText } from './decode.ts'
import { byteOrderMark, detectSourceEncoding } from './encoding.ts'
import { readJson } from './json.ts'
import { TABLE_LIMITS } from './limits.ts'
import { readJsonLines, readTextLines } from './lines.ts'
import { detectDelimiter, formatByName, formatByText, refuseBinary } from './sniff.ts'
import { type ByteSource, openSource } from './source.ts'
import type {
  DetectedEncoding,
  TableInspection,
  TableOptions,
  TableRecord,
  TableScan,
  TextEncodingName,
} from './types.ts'

/**
 * Reads a file's bytes once: SHA-256, encoding, format, delimiter. Memory stays bounded whatever the size.
 * Errors: `data.file_missing`, `data.file_unreadable`, `data.empty`, `data.format_unknown`, `data.encoding.*`,
 * `feature.unavailable` (xlsx, xls, parquet).
 */
export function scanTable(path: string, options: TableOptions = {}): TableScan {
  const source = openSource(path)
  try {
    if (source.size === 0) throw new AppError('data.empty', { file: source.name })
    refuseBinary(source, path)
    const hash = sha256Stream()
    const onBytes = (bytes: Uint8Array, position: number): void => {
      hash.update(bytes)
      options.progress?.(position + bytes.length, source.size)
    }
    const encoding =
      options.encoding === undefined
        ? detectSourceEncoding(source, { cancel: options.cancel, onBytes })
        : chosenEncoding(source, options.encoding, { cancel: options.cancel, onBytes })
    const sample = textSample(source, encoding)
    if (sample.trim() === '' && source.size <= TABLE_LIMITS.sample) {
      throw new AppError('data.empty', { file: source.name })
    }
    const format = options.format ?? formatByName(path) ?? formatByText(sample)
    if (format === null) throw new AppError('data.format_unknown', { file: source.name, detected: 'text' })
    const delimiter = format === 'tsv' ? '\t' : format === 'csv' ? detectDelimiter(sample).delimiter : null
    return {
      path,
      format,
      ...encoding,
      delimiter: delimiter === null ? null : (options.delimiter ?? delimiter),
      bytes: source.size,
      sha256: hash.hex(),
    }
  } finally {
    source.close()
  }
}

/** The encoding that the caller insists on, with its byte order mark if there is one; passes over the bytes once. */
function chosenEncoding(
  source: ByteSource,
  encoding: TextEncodingName,
  hooks: { cancel?: CancelToken | undefined; onBytes: (bytes: Uint8Array, position: number) => void },
): DetectedEncoding {
  for (const { bytes, offset } of alignedChunks(source, encoding, hooks.cancel)) hooks.onBytes(bytes, offset)
  const mark = byteOrderMark(source)
  return { encoding, bomBytes: mark?.encoding === encoding ? mark.bomBytes : 0 }
}

/** The first characters of a source, decoded strictly. */
function textSample(source: ByteSource, encoding: DetectedEncoding): string {
  let sample = ''
  for (const text of decodedText(source, encoding)) {
    sample += text.slice(0, TABLE_LIMITS.sample - sample.length)
    if (sample.length >= TABLE_LIMITS.sample) break
  }
  return sample
}

/** A table being read: `columns` is complete from the first record on for csv and tsv, and grows with the rows for JSON. */
export interface OpenTable {
  readonly scan: TableScan
  readonly columns: readonly string[]
  readonly records: Iterable<TableRecord>
}

/**
 * Opens a table for one pass over its rows, in file order, in bounded memory. The file is closed when the pass ends or is
 * left. Errors while iterating: see `readCsv`, `readJson`, `readJsonLines`; `data.no_rows` when there is no row,
 * `data.file_changed` when the bytes are not those that were scanned.
 */
export function openTable(path: string, options: TableOptions & { scan?: TableScan } = {}): OpenTable {
  const scan = options.scan ?? scanTable(path, { ...options, progress: undefined })
  const columns: string[] = []
  return { scan, columns, records: { [Symbol.iterator]: () => passOver(scan, options, columns) } }
}

function* passOver(scan: TableScan, options: TableOptions, columns: string[]): Generator<TableRecord> {
  const source = openSource(scan.path)
  try {
    columns.length = 0
    const hash = sha256Stream()
    const onBytes = (bytes: Uint8Array, position: number): void => {
      hash.update(bytes)
      options.progress?.(position + bytes.length, source.size)
    }
    const text = decodedText(source, scan, { cancel: options.cancel, onBytes })
    let rows = 0
    for (const record of recordsOf(scan, text, source.name, columns)) {
      rows++
      yield record
    }
    if (hash.hex() !== scan.sha256) throw new AppError('data.file_changed', { file: source.name })
    if (rows === 0) throw new AppError('data.no_rows', { file: source.name })
  } finally {
    source.close()
  }
}

function recordsOf(scan: TableScan, text: Iterable<string>, file: string, columns: string[]): Iterable<TableRecord> {
  switch (scan.format) {
    case 'csv':
    case 'tsv': {
      const delimiter = scan.delimiter ?? (scan.format === 'tsv' ? '\t' : ',')
      return readCsv(text, { file, delimiter, looseQuotes: scan.format === 'tsv' }, columns)
    }
    case 'json':
      return withColumns(readJson(text, file), columns, file)
    case 'jsonl':
      return withColumns(readJsonLines(text, file), columns, file)
    case 'txt':
      return withColumns(readTextLines(text, file), columns, file)
  }
}

/** Collects the names that rows bring along, in order of appearance. Errors: `data.too_many_columns`. */
function* withColumns(records: Iterable<TableRecord>, columns: string[], file: string): Generator<TableRecord> {
  const seen = new Set<string>()
  for (const record of records) {
    for (const name of Object.keys(record.fields)) {
      if (seen.has(name)) continue
      if (columns.length >= TABLE_LIMITS.columns) {
        const facts = { file, line: record.line, found: columns.length + 1, limit: TABLE_LIMITS.columns }
        throw new AppError('data.too_many_columns', facts)
      }
      columns.push(name)
      seen.add(name)
    }
    yield record
  }
}

/** Reads all rows of a table in file order; see `openTable`. */
export function readTable(path: string, options: TableOptions = {}): Iterable<TableRecord> {
  return openTable(path, options).records
}

/** Scans a file and reads its columns and first rows (20 unless told); see `scanTable` and `openTable` for errors. */
export function inspectTable(path: string, options: TableOptions & { sampleRows?: number } = {}): TableInspection {
  const scan = scanTable(path, options)
  const table = openTable(path, { cancel: options.cancel, scan })
  const sample: TableRecord[] = []
  for (const record of table.records) {
    sample.push(record)
    if (sample.length >= (options.sampleRows ?? 20)) break
  }
  return { ...scan, columns: [...table.columns], sample }
}
