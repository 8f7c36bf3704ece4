import { AppError } from '../../kit/index.ts'
import { checkHeader } from './csv.ts'
import { TABLE_LIMITS } from './limits.ts'
import type { TableRecord } from './types.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x7b, 0x5b]) // { [
const CLOSE = new Set([0x7d, 0x5d]) // } ]
const SCALAR_END = new Set([0x2c, 0x7d, 0x5d, 0x20, 0x09, 0x0a, 0x0d]) // , } ] and white space

/**
 * Finds where one JSON value ends while its text arrives in pieces, and measures it on the way: nesting, members of the
 * outermost object (to notice repeated keys, which JSON.parse drops silently), numbers, longest string. It does not
 * validate; JSON.parse does that on the collected text.
 */
export class JsonValueScanner {
  depth = 0
  /** Colons directly inside the outermost object. */
  members = 0
  hasNumber = false
  /** Length of the longest string seen, the current one included, in characters of JSON text. */
  longestString = 0
  private stringLength = -1 // -1 outside strings
  private escaped = false
  private scalar = false

  /**
   * Reads `text` from index `at`; returns the index just behind the value, or -1 when it goes on in the next piece.
   * Errors: `data.json.too_deep`.
   */
  scan(text: string, at: number, place: { file: string; line: number }): number {
    for (let i = at; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (this.stringLength >= 0) {
        if (this.insideString(c) && this.depth === 0) return i + 1
        continue
      }
      if (this.scalar && SCALAR_END.has(c)) return i
      if (c === QUOTE) this.stringLength = 0
      else if (OPEN.has(c)) {
        if (++this.depth > TABLE_LIMITS.depth)
          throw new AppError('data.json.too_deep', { ...place, limit: TABLE_LIMITS.depth })
      } else if (CLOSE.has(c)) {
        if (--this.depth <= 0) return i + 1
      } else {
        if (c === 0x3a && this.depth === 1) this.members++
        if ((c >= 0x30 && c <= 0x39) || c === 0x2d) this.hasNumber = true
        if (this.depth === 0) this.scalar = true
      }
    }
    return -1
  }

  /** True when a bare number or word may end where the text ends. */
  get endsWithText(): boolean {
    return this.scalar && this.depth === 0
  }

  /** Consumes one character of a string; true when it closes the string. */
  private insideString(c: number): boolean {
    if (this.escaped) this.escaped = false
    else if (c === BACKSLASH) this.escaped = true
    else if (c === QUOTE) {
      this.stringLength = -1
      return true
    }
    this.stringLength++
    if (this.stringLength > this.longestString) this.longestString = this.stringLength
    return false
  }
}

/** `data.cell_too_large` when one string fills the row, else `data.row_too_large`. */
export function tooLarge(scanner: JsonValueScanner, place: { file: string; line: number }): AppError {
  return scanner.longestString > TABLE_LIMITS.cell
    ? new AppError('data.cell_too_large', { ...place, column: '?', limit: TABLE_LIMITS.cell })
    : new AppError('data.row_too_large', { ...place, limit: TABLE_LIMITS.row })
}

interface RawJson {
  readonly rawJSON: string
}

/** ECMAScript 2026 JSON source text access, in V8 since 11.4; not yet in TypeScript's library. */
const json = JSON as unknown as {
  parse(text: string, reviver?: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): RawJson
  isRawJSON(value: unknown): value is RawJson
}

/** Parses JSON text; numbers keep their digits as written (an order number beyond 2^53 must not change). */
export function parseJson(text: string, hasNumber: boolean, place: { file: string; line: number }): unknown {
  try {
    if (!hasNumber) return json.parse(text)
    return json.parse(text, (_key, value, context) =>
      typeof value === 'number' && context.source !== undefined ? json.rawJSON(context.source) : value,
    )
  } catch {
    throw new AppError('data.json.invalid', place) // the engine's message quotes the row, so it is not passed on
  }
}

/**
 * One JSON object as a row: text as it is, numbers and booleans as written, null as empty, arrays and objects as JSON text.
 * Errors: `data.json.invalid`, `.not_object`, `.duplicate_key`, `data.header.*`, `data.cell_too_large`, `data.text.lone_surrogate`.
 */
export function jsonRecord(
  text: string,
  scanner: JsonValueScanner,
  place: { file: string; line: number },
): TableRecord {
  const value = parseJson(text, scanner.hasNumber, place)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || json.isRawJSON(value)) {
    throw new AppError('data.json.not_object', place)
  }
  const entries = Object.entries(value)
  if (entries.length !== scanner.members) throw new AppError('data.json.duplicate_key', place)
  const names = checkHeader(
    entries.map(([name]) => name),
    place,
  )
  const mayHoldSurrogates = text.includes('\\u')
  const fields: Record<string, string> = {}
  entries.forEach(([, cell], i) => {
    const content = cellText(cell)
    const column = names[i]
    if (content.length > TABLE_LIMITS.cell) {
      throw new AppError('data.cell_too_large', { ...place, column, limit: TABLE_LIMITS.cell })
    }
    if (mayHoldSurrogates && !(content.isWellFormed() && column.isWellFormed())) {
      throw new AppError('data.text.lone_surrogate', place)
    }
    fields[column] = content
  })
  return { line: place.line, fields }
}

function cellText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (json.isRawJSON(value)) return value.rawJSON
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value)
}
