import { Buffer } from 'node:buffer'
import { CsvError, type Parser, parse } from 'csv-parse'
import { AppError } from '../../kit/index.ts'
import { TABLE_LIMITS } from './limits.ts'
import type { TableRecord } from './types.ts'

export interface CsvOptions {
  /** Base name of the file, for messages. */
  readonly file: string
  readonly delimiter: string
  /** TSV files in the wild hold plain quotation marks inside cells; CSV must double them (RFC 4180). */
  readonly looseQuotes: boolean
}

/**
 * Reads delimited text with a header row, one row at a time. `columns` receives the trimmed header names before the first
 * row is given. Line ends may be CRLF, LF or CR; blank lines are skipped; each record knows the line it begins on.
 * Errors: `data.csv.ragged`, `data.csv.unclosed_quote`, `data.csv.stray_quote`, `data.header.*`, `data.cell_too_large`,
 * `data.row_too_large`, `data.too_many_columns`, each with the line.
 */
export function* readCsv(text: Iterable<string>, options: CsvOptions, columns: string[]): Generator<TableRecord> {
  const queue: string[][] = []
  const parser = openParser(options, queue)
  const place = { file: options.file, line: 1 }
  try {
    for (const chunk of text) {
      parser.write(Buffer.from(chunk, 'utf8'))
      yield* drain(queue, columns, place)
      refuseFailure(parser, place)
    }
    parser.end()
    yield* drain(queue, columns, place)
    refuseFailure(parser, place)
  } finally {
    parser.destroy()
  }
}

/** The package's parser, driven synchronously: every write has put its complete rows into `queue` when it returns. */
function openParser(options: CsvOptions, queue: string[][]): Parser {
  const parser = parse({
    bom: false,
    delimiter: options.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: options.looseQuotes,
    relax_column_count: true, // checked below, with our line numbers
    max_record_size: TABLE_LIMITS.row,
    // A row of separators alone would otherwise grow without any character to count.
    ignore_last_delimiters: TABLE_LIMITS.columns + 2,
    on_record: (record: string[]) => {
      queue.push(record)
      return null
    },
  })
  parser.on('error', () => {}) // read from `errored` right after each write
  return parser
}

type Place = { readonly file: string; line: number }

function* drain(queue: string[][], columns: string[], place: Place): Generator<TableRecord> {
  for (const cells of queue) {
    const line = place.line
    // The next record begins below this one's embedded line breaks.
    place.line += 1 + embeddedLineBreaks(cells)
    if (cells.length === 1 && cells[0].trim() === '') continue
    if (columns.length === 0) {
      columns.push(...checkHeader(cells, { file: place.file, line }))
      continue
    }
    if (cells.length > TABLE_LIMITS.columns) throw tooManyColumns(place.file, line, cells.length)
    if (cells.length !== columns.length) {
      const facts = { file: place.file, line, expected: columns.length, found: cells.length }
      throw new AppError('data.csv.ragged', facts)
    }
    const fields: Record<string, string> = {}
    for (let i = 0; i < cells.length; i++) {
      if (cells[i].length > TABLE_LIMITS.cell) throw cellTooLarge(place.file, line, columns[i])
      fields[columns[i]] = cells[i]
    }
    yield { line, fields }
  }
  queue.length = 0
}

function cellTooLarge(file: string, line: number, column: string | number): AppError {
  return new AppError('data.cell_too_large', { file, line, column, limit: TABLE_LIMITS.cell })
}

function tooManyColumns(file: string, line: number, found: number): AppError {
  return new AppError('data.too_many_columns', { file, line, found, limit: TABLE_LIMITS.columns })
}

/**
 * Column names, trimmed. Errors: `data.too_many_columns`, `data.header.empty`, `data.header.duplicate`,
 * `data.header.reserved`, `data.cell_too_large`.
 */
export function checkHeader(names: readonly string[], at: { file: string; line: number }): string[] {
  if (names.length > TABLE_LIMITS.columns) throw tooManyColumns(at.file, at.line, names.length)
  const seen = new Set<string>()
  return names.map((raw, i) => {
    if (raw.length > TABLE_LIMITS.cell) throw cellTooLarge(at.file, at.line, i + 1)
    const name = raw.trim()
    if (name === '') throw new AppError('data.header.empty', { ...at, column: i + 1 })
    // The one name that a plain object cannot hold as a field.
    if (name === '__proto__') throw new AppError('data.header.reserved', { ...at, column: name })
    if (seen.has(name)) throw new AppError('data.header.duplicate', { ...at, column: shortName(name) })
    seen.add(name)
    return name
  })
}

/** A column name short enough for a message. */
export function shortName(name: string): string {
  return name.length <= 60 ? name : `${name.slice(0, 59)}…`
}

function embeddedLineBreaks(cells: readonly string[]): number {
  let count = 0
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0
  }
  return count
}

/** Cells that could have been complete when the row limit was hit without one of them being too large. */
const CELLS_IN_ROW_LIMIT = Math.floor(TABLE_LIMITS.row / TABLE_LIMITS.cell) - 4

/** Throws the parser's failure under our name. Its own message is dropped: it quotes the user's row. */
function refuseFailure(parser: Parser, place: Place): void {
  const error: unknown = parser.errored
  if (error === null || error === undefined) return
  const at = { file: place.file, line: place.line }
  if (!(error instanceof CsvError)) throw error
  switch (error.code as string) {
    case 'CSV_QUOTE_NOT_CLOSED':
      throw new AppError('data.csv.unclosed_quote', at)
    case 'CSV_MAX_RECORD_SIZE': {
      const finished = Number((error as { index?: unknown }).index ?? 0)
      if (finished > TABLE_LIMITS.columns) throw tooManyColumns(place.file, place.line, finished)
      if (finished < CELLS_IN_ROW_LIMIT) throw cellTooLarge(place.file, place.line, finished + 1)
      throw new AppError('data.row_too_large', { ...at, limit: TABLE_LIMITS.row })
    }
    default: // INVALID_OPENING_QUOTE, CSV_INVALID_CLOSING_QUOTE
      throw new AppError('data.csv.stray_quote', at)
  }
}
