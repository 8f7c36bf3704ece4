import { AppError } from '../../kit/index.ts'
import { JsonValueScanner, jsonRecord, tooLarge } from './json-value.ts'
import { TABLE_LIMITS } from './limits.ts'
import type { TableRecord } from './types.ts'

/** Reads JSON Lines: one object a line, blank lines skipped. Errors: `data.json.*`, `data.cell_too_large`, `data.row_too_large`. */
export function* readJsonLines(text: Iterable<string>, file: string): Generator<TableRecord> {
  const refuse = (line: number, pending: string): AppError => {
    const scanner = new JsonValueScanner()
    scanner.scan(pending, 0, { file, line })
    return tooLarge(scanner, { file, line })
  }
  for (const { content, line } of splitLines(text, TABLE_LIMITS.row, refuse)) {
    const row = content.trim()
    if (row === '') continue
    const scanner = new JsonValueScanner()
    const place = { file, line }
    const end = scanner.scan(row, 0, place)
    if (end >= 0 ? end !== row.length : !scanner.endsWithText) throw new AppError('data.json.invalid', place)
    yield jsonRecord(row, scanner, place)
  }
}

/** Reads plain text: one row a line in the column `text`, blank lines skipped. Errors: `data.cell_too_large`. */
export function* readTextLines(text: Iterable<string>, file: string): Generator<TableRecord> {
  const refuse = (line: number): AppError =>
    new AppError('data.cell_too_large', { file, line, column: 'text', limit: TABLE_LIMITS.cell })
  for (const { content, line } of splitLines(text, TABLE_LIMITS.cell, refuse)) {
    if (content.trim() !== '') yield { line, fields: { text: content } }
  }
}

/** Splits text at LF or CRLF, holding at most `limit` characters of an unfinished line. */
function* splitLines(
  text: Iterable<string>,
  limit: number,
  refuse: (line: number, pending: string) => AppError,
): Generator<{ content: string; line: number }> {
  let pending = ''
  let line = 1
  const checked = (content: string): string => {
    if (content.length > limit) throw refuse(line, content)
    return content.endsWith('\r') ? content.slice(0, -1) : content
  }
  for (const chunk of text) {
    let start = 0
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', start)) {
      yield { content: checked(pending + chunk.slice(start, at)), line }
      pending = ''
      start = at + 1
      line++
    }
    pending += chunk.slice(start)
    if (pending.length > limit) throw refuse(line, pending)
  }
  if (pending !== '') yield { content: checked(pending), line }
}
