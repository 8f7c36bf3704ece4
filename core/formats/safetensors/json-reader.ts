import type { AppError } from '../../kit/index.ts'

// White space and numbers are scanned by hand: a regular expression may run out of stack on megabytes of one character.

/**
 * A pull reader of strict JSON (RFC 8259) over a text already in memory. The caller says what it expects, so a text of
 * any size builds nothing but what the caller keeps: millions of empty arrays cost no memory, and duplicate keys are
 * seen. Every syntax error is `fail(position)`.
 */
export class JsonReader {
  readonly #text: string
  readonly #fail: (at: number) => AppError
  #at = 0

  constructor(text: string, fail: (at: number) => AppError) {
    this.#text = text
    this.#fail = fail
  }

  /** Next character after white space, without taking it; there must be one. */
  peek(): string {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++
    if (this.#at >= this.#text.length) throw this.#fail(this.#at)
    return this.#text.charAt(this.#at)
  }

  /** Reads an object, calling `member` behind each key's colon; it must read exactly one value. */
  object(member: (key: string) => void): void {
    this.#expect('{')
    if (this.#take('}')) return
    do {
      const key = this.string()
      this.#expect(':')
      member(key)
    } while (this.#take(','))
    this.#expect('}')
  }

  /** Reads an array, calling `item` before each value; it must read exactly one value. */
  array(item: () => void): void {
    this.#expect('[')
    if (this.#take(']')) return
    do item()
    while (this.#take(','))
    this.#expect(']')
  }

  string(): string {
    this.#expect('"')
    const begin = this.#at
    let escaped = false
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(unit) || unit < 0x20) throw this.#fail(this.#at) // the end, or a raw control character
      this.#at++
      if (unit === 0x22) break
      if (unit === 0x5c) {
        escaped = true
        this.#at++
      }
    }
    if (!escaped) return this.#text.slice(begin, this.#at - 1)
    try {
      return JSON.parse(this.#text.slice(begin - 1, this.#at)) as string
    } catch {
      throw this.#fail(begin)
    }
  }

  /** A non-negative safe integer written as digits only; undefined (nothing useful taken) for any other value. */
  natural(): number | undefined {
    const literal = this.#numberText()
    return literal !== undefined && /^\d{1,16}$/.test(literal) && Number.isSafeInteger(Number(literal))
      ? Number(literal)
      : undefined
  }

  /** A finite number of any notation; undefined for any other value. */
  number(): number | undefined {
    const value = Number(this.#numberText())
    return Number.isFinite(value) ? value : undefined
  }

  /** Reads over one value of any type, at most `depth` levels deep. */
  skipValue(depth: number): void {
    const next = this.peek()
    if (next === '"') this.string()
    else if (next === '{' || next === '[') {
      if (depth === 0) throw this.#fail(this.#at)
      if (next === '{') this.object(() => this.skipValue(depth - 1))
      else this.array(() => this.skipValue(depth - 1))
    } else if (!this.#takeLiteral() && this.#numberText() === undefined) throw this.#fail(this.#at)
  }

  /** Nothing but white space may follow. */
  end(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++
    if (this.#at < this.#text.length) throw this.#fail(this.#at)
  }

  #numberText(): string | undefined {
    this.peek()
    const end = numberEnd(this.#text, this.#at)
    if (end === undefined) return undefined
    const literal = this.#text.slice(this.#at, end)
    this.#at = end
    return literal
  }

  #takeLiteral(): boolean {
    const literal = ['true', 'false', 'null'].find((word) => this.#text.startsWith(word, this.#at))
    this.#at += literal?.length ?? 0
    return literal !== undefined
  }

  #take(char: string): boolean {
    if (this.peek() !== char) return false
    this.#at++
    return true
  }

  #expect(char: string): void {
    if (!this.#take(char)) throw this.#fail(this.#at)
  }
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09
}

/** End of the number literal that begins at `at` (grammar of RFC 8259, section 6); undefined when none does. */
function numberEnd(text: string, at: number): number | undefined {
  let end = text[at] === '-' ? at + 1 : at
  const whole = digitsEnd(text, end)
  if (whole === end) return undefined
  end = text[end] === '0' ? end + 1 : whole
  if (text[end] === '.') {
    const fraction = digitsEnd(text, end + 1)
    if (fraction === end + 1) return undefined
    end = fraction
  }
  if (text[end] === 'e' || text[end] === 'E') {
    const digits = text[end + 1] === '+' || text[end + 1] === '-' ? end + 2 : end + 1
    const exponent = digitsEnd(text, digits)
    if (exponent === digits) return undefined
    end = exponent
  }
  return end
}

function digitsEnd(text: string, at: number): number {
  let end = at
  for (let unit = text.charCodeAt(end); unit >= 0x30 && unit <= 0x39; unit = text.charCodeAt(++end));
  return end
}
