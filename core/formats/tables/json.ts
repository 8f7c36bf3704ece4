import { AppError } from '../../kit/index.ts'
import { JsonValueScanner, jsonRecord, parseJson, tooLarge } from './json-value.ts'
import { TABLE_LIMITS } from './limits.ts'
import type { TableRecord } from './types.ts'

type Phase = 'start' | 'key' | 'colon' | 'member' | 'memberEnd' | 'firstItem' | 'item' | 'itemEnd' | 'done'

/**
 * Reads a JSON array of objects, or an object whose `data` member is one, row by row without holding the whole file.
 * Errors: `data.json.*`, `data.cell_too_large`, `data.row_too_large`, each with the line.
 */
export function* readJson(text: Iterable<string>, file: string): Generator<TableRecord> {
  const reader = new JsonTableReader(file)
  for (const chunk of text) yield* reader.feed(chunk)
  reader.finish()
}

class JsonTableReader {
  private phase: Phase = 'start'
  private line = 1
  /** Whether the rows stand inside a top-level object. */
  private wrapped = false
  private sawData = false
  private memberName = ''
  private scanner: JsonValueScanner | null = null
  private pieces: string[] = []
  private length = 0
  private valueLine = 1
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  *feed(text: string): Generator<TableRecord> {
    for (let i = 0; i < text.length; ) {
      if (this.scanner) {
        const end = this.collect(text, i)
        if (end < 0) return
        i = end
        const record = this.takeValue()
        if (record) yield record
        continue
      }
      const c = text[i]
      if (c === '\n') this.line++
      if (c === ' ' || c === '\t' || c === '\n' || c === '\r') i++
      else if (this.structure(c)) i++
    }
  }

  finish(): void {
    if (this.phase !== 'done') throw this.invalid()
    if (this.wrapped && !this.sawData) throw this.notTable()
  }

  /** Handles one structural character; false leaves it to be read again as the start of a value. */
  private structure(c: string): boolean {
    switch (this.phase) {
      case 'start':
        if (c === '[') this.phase = 'firstItem'
        else if (c === '{') {
          this.wrapped = true
          this.phase = 'key'
        } else throw this.notTable()
        return true
      case 'key':
        if (c === '}') {
          this.phase = 'done'
          return true
        }
        if (c !== '"') throw this.invalid()
        return this.startValue()
      case 'colon':
        if (c !== ':') throw this.invalid()
        this.phase = 'member'
        return true
      case 'member':
        if (this.memberName === 'data' && c === '[') {
          if (this.sawData) throw new AppError('data.json.duplicate_key', { file: this.file, line: this.line })
          this.sawData = true
          this.phase = 'firstItem'
          return true
        }
        return this.startValue()
      case 'memberEnd':
        if (c !== ',' && c !== '}') throw this.invalid()
        this.phase = c === ',' ? 'key' : 'done'
        return true
      case 'firstItem':
      case 'item':
        if (c === ']' && this.phase === 'firstItem') {
          this.phase = this.wrapped ? 'memberEnd' : 'done'
          return true
        }
        return this.startValue()
      case 'itemEnd':
        if (c !== ',' && c !== ']') throw this.invalid()
        this.phase = c === ',' ? 'item' : this.wrapped ? 'memberEnd' : 'done'
        return true
      case 'done':
        // Objects one after another are JSON Lines under a wrong name.
        throw this.wrapped && !this.sawData ? this.notTable() : this.invalid()
    }
  }

  private startValue(): false {
    this.scanner = new JsonValueScanner()
    this.pieces = []
    this.length = 0
    this.valueLine = this.line
    return false
  }

  /** Adds text to the current value; index behind it, or -1 when it goes on. */
  private collect(text: string, from: number): number {
    const scanner = this.scanner as JsonValueScanner
    const place = { file: this.file, line: this.valueLine }
    const end = scanner.scan(text, from, place)
    const piece = text.slice(from, end < 0 ? text.length : end)
    this.pieces.push(piece)
    this.length += piece.length
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) this.line++
    if (this.length > TABLE_LIMITS.row) throw tooLarge(scanner, place)
    return end
  }

  private takeValue(): TableRecord | null {
    const scanner = this.scanner as JsonValueScanner
    const text = this.pieces.join('')
    const place = { file: this.file, line: this.valueLine }
    this.scanner = null
    this.pieces = []
    if (this.phase === 'firstItem' || this.phase === 'item') {
      this.phase = 'itemEnd'
      return jsonRecord(text, scanner, place)
    }
    const value = parseJson(text, false, place)
    if (this.phase === 'key') {
      this.memberName = String(value)
      this.phase = 'colon'
    } else this.phase = 'memberEnd'
    return null
  }

  private invalid(): AppError {
    return new AppError('data.json.invalid', { file: this.file, line: this.line })
  }

  private notTable(): AppError {
    return new AppError('data.json.not_table', { file: this.file, line: this.line })
  }
}
