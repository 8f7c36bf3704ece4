import { extname } from 'node:path'
import { AppError } from '../../kit/index.ts'
import type { ByteSource } from './source.ts'
import type { TableFormat } from './types.ts'

const BY_EXTENSION: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.txt': 'txt',
}

/** The format that a file's name promises, or null. */
export function formatByName(path: string): TableFormat | null {
  return BY_EXTENSION[extname(path).toLowerCase()] ?? null
}

/** First bytes of well-known binary files. `feature` marks table formats that are planned but not built. */
const MAGIC: readonly { bytes: string; name: string; feature?: true }[] = [
  { bytes: 'PAR1', name: 'parquet', feature: true },
  { bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', name: 'xls', feature: true },
  { bytes: '\x1f\x8b', name: 'gzip' },
  { bytes: 'SQLite format 3\0', name: 'sqlite' },
  { bytes: '%PDF-', name: 'pdf' },
  { bytes: '\x89PNG', name: 'png' },
  { bytes: '\xff\xd8\xff', name: 'jpeg' },
  { bytes: 'GGUF', name: 'gguf' },
  { bytes: '7z\xbc\xaf\x27\x1c', name: '7z' },
  { bytes: 'Rar!\x1a\x07', name: 'rar' },
]

/**
 * Refuses binary files by content, whatever their name says.
 * Errors: `feature.unavailable` (xlsx, xls, parquet), `data.format_unknown` naming what was found.
 */
export function refuseBinary(source: ByteSource, path: string): void {
  const head = latin1(source, 0, Math.min(8192, source.size))
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) {
    // A workbook is a zip with xl/ inside; the directory of a zip stands at its end.
    const tailBytes = Math.min(65536, source.size)
    const isWorkbook = /xl\/(workbook|worksheets|styles|_rels)/.test(
      head + latin1(source, source.size - tailBytes, tailBytes),
    )
    if (isWorkbook || extname(path).toLowerCase() === '.xlsx') {
      throw new AppError('feature.unavailable', { feature: 'xlsx', file: source.name })
    }
    throw new AppError('data.format_unknown', { file: source.name, detected: 'zip' })
  }
  for (const { bytes, name, feature } of MAGIC) {
    if (!head.startsWith(bytes)) continue
    if (feature) throw new AppError('feature.unavailable', { feature: name, file: source.name })
    throw new AppError('data.format_unknown', { file: source.name, detected: name })
  }
}

function latin1(source: ByteSource, position: number, length: number): string {
  const bytes = new Uint8Array(length)
  source.read(bytes, position)
  return Buffer.from(bytes.buffer).toString('latin1')
}

/** Guesses the format of text whose file name says nothing; null when it is no table that we know. */
export function formatByText(sample: string): TableFormat | null {
  const start = sample.trimStart()
  if (start.startsWith('[')) return 'json'
  if (start.startsWith('{')) {
    // One complete object on the first line is JSONL; an object that goes on is JSON.
    const firstLine = start.split('\n', 1)[0].trimEnd()
    try {
      JSON.parse(firstLine)
      return start.trimEnd().includes('\n') ? 'jsonl' : 'json'
    } catch {
      return 'json'
    }
  }
  const { columns } = detectDelimiter(sample)
  return columns >= 2 ? 'csv' : null
}

const DELIMITERS = [',', '\t', ';', '|'] as const
const SAMPLE_ROWS = 200

/**
 * Finds the cell separator among comma, tab, semicolon and pipe: the one that gives at least two columns and the same
 * number in the largest share of rows; equal shares go to more columns, then to the order above. One column: comma.
 */
export function detectDelimiter(sample: string): { delimiter: string; columns: number } {
  let best = { delimiter: ',', columns: 1, share: 0 }
  for (const delimiter of DELIMITERS) {
    const counts = cellCounts(sample, delimiter)
    const columns = counts[0] ?? 0
    if (columns < 2) continue
    const share = counts.filter((c) => c === columns).length / counts.length
    if (share > best.share || (share === best.share && columns > best.columns)) best = { delimiter, columns, share }
  }
  return { delimiter: best.delimiter, columns: best.columns }
}

/** Cells in each row of the sample under one delimiter, quotes respected, blank rows skipped, the cut last row left out. */
function cellCounts(sample: string, delimiter: string): number[] {
  const counts: number[] = []
  let cells = 1
  let quoted = false
  let cellStart = 0
  let rowStart = 0
  for (let i = 0; i < sample.length && counts.length < SAMPLE_ROWS; i++) {
    const c = sample[i]
    if (quoted) {
      if (c === '"') quoted = false // a doubled quote opens the cell again at once: same count
      continue
    }
    if (c === '"' && (i === cellStart || sample[i - 1] === '"')) quoted = true
    else if (c === delimiter) {
      cells++
      cellStart = i + 1
    } else if (c === '\n' || c === '\r') {
      if (sample.slice(rowStart, i).trim() !== '') counts.push(cells)
      cells = 1
      cellStart = rowStart = i + 1
    }
  }
  if (counts.length === 0 && sample.slice(rowStart).trim() !== '') counts.push(cells)
  return counts
}
