/** Bounds of the table readers. They stop damage (a lost quote, a hostile file), not real tables. */
export const TABLE_LIMITS = {
  /** Characters (UTF-16 code units) in one cell. */
  cell: 1_000_000,
  /** Characters in one row, all cells together. */
  row: 12_000_000,
  columns: 4096,
  /** Nesting of one JSON row. */
  depth: 64,
  /** Bytes read at a time. */
  chunk: 256 * 1024,
  /** Characters looked at to find the delimiter. */
  sample: 64 * 1024,
} as const
