import type { CancelToken } from '../../kit/index.ts'

/** Table formats that can be read today; other known ones (xlsx, parquet …) are refused by name. */
export type TableFormat = 'csv' | 'tsv' | 'json' | 'jsonl' | 'txt'

/** Character encodings that are read; names as the WHATWG Encoding Standard writes them. */
export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'big5'

export const TEXT_ENCODINGS: readonly TextEncodingName[] = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'big5']

/** An encoding and the length of the byte order mark in front of the text, in bytes (0 without one). */
export interface DetectedEncoding {
  readonly encoding: TextEncodingName
  readonly bomBytes: number
}

/** One row: its 1-based physical line (where the row begins) and its cells by column name, as text. */
export interface TableRecord {
  readonly line: number
  readonly fields: Readonly<Record<string, string>>
}

/** Choices that override detection, and the usual hooks of long work. */
export interface TableOptions {
  readonly format?: TableFormat | undefined
  readonly encoding?: TextEncodingName | undefined
  readonly delimiter?: string | undefined
  readonly cancel?: CancelToken | undefined
  /** Called with bytes read so far and the file's size. */
  readonly progress?: ((done: number, total: number) => void) | undefined
}

/** What one pass over the bytes tells about a file; enough to read it. */
export interface TableScan extends DetectedEncoding {
  readonly path: string
  readonly format: TableFormat
  /** Cell separator of csv and tsv, null for the other formats. */
  readonly delimiter: string | null
  readonly bytes: number
  readonly sha256: string
}

/** A scan plus the columns and first rows. For JSON and JSONL the columns are those of the sampled rows. */
export interface TableInspection extends TableScan {
  readonly columns: readonly string[]
  readonly sample: readonly TableRecord[]
}
