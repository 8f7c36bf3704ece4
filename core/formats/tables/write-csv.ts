/** Characters collected before they are encoded: keeps the text in memory small beside the bytes. */
const BATCH = 1 << 20

/** A table as bytes, and how many rows it holds. */
export interface EncodedCsv {
  readonly bytes: Uint8Array
  readonly rows: number
}

/**
 * Writes a table as CSV: UTF-8 without a byte order mark, commas, CRLF, header first, quotation marks only where they are
 * needed (RFC 4180). Cells are written exactly as they are, also those that a spreadsheet would take for a formula: this
 * is data to be read again, and a changed cell would be another row. A column that a row lacks is an empty cell.
 */
export function encodeCsv(
  columns: readonly string[],
  rows: Iterable<Readonly<Record<string, string>>>,
  onRow?: (rows: number) => void,
): EncodedCsv {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  let text = csvLine(columns)
  let count = 0
  for (const row of rows) {
    text += csvLine(columns.map((column) => (Object.hasOwn(row, column) ? row[column] : '')))
    onRow?.(++count)
    if (text.length < BATCH) continue
    parts.push(encoder.encode(text))
    text = ''
  }
  parts.push(encoder.encode(text))
  return { bytes: joined(parts), rows: count }
}

/** One record with its line end. */
function csvLine(cells: readonly string[]): string {
  // A lone empty cell would be a blank line, which readers skip.
  if (cells.length === 1 && cells[0] === '') return '""\r\n'
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** Quoted when a reader could not tell it from the marks around it, might trim it, or might take another separator. */
function csvCell(text: string): string {
  return /[",;|\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}
