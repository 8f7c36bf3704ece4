export { detectEncoding } from './encoding.ts'
export { TABLE_LIMITS } from './limits.ts'
export { inspectTable, type OpenTable, openTable, readTable, scanTable } from './read.ts'
export { detectDelimiter } from './sniff.ts'
export {
  type DetectedEncoding,
  type TableFormat,
  type TableInspection,
  type TableOptions,
  type TableRecord,
  type TableScan,
  TEXT_ENCODINGS,
  type TextEncodingName,
} from './types.ts'
export { type EncodedCsv, encodeCsv } from './write-csv.ts'
