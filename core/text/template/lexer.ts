import { AppError } from '../../kit/index.ts'
import { overLimit, templateLimits } from './limits.ts'
import { isSpace, trimEnd } from './python-text.ts'

export type TokenType = 'data' | 'name' | 'string' | 'integer' | 'float' | 'operator' | 'begin' | 'end' | 'eof'

/** `begin` and `end` hold the delimiter: `{%`, `{{`, `%}` or `}}`. */
export interface Token {
  readonly type: TokenType
  readonly text: string
  readonly line: number
}

export function syntaxError(line: number, reason: string): AppError {
  return new AppError('text.template.syntax', { line, reason })
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const FLOAT = /\d+(?:_\d+)*(?:(?:\.\d+(?:_\d+)*)?[eE][+-]?\d+(?:_\d+)*|\.\d+(?:_\d+)*)/y
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}<>=.:|,;]/y
const RAW = /\{%[-+]?\s*raw\s*-?%\}/y
const ENDRAW = /\{%([-+]?)\s*endraw\s*(\+%\}|-%\}|%\})/g
const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/**
 * Cuts a Jinja template into tokens. White space follows Jinja 3 with `trim_blocks` and `lstrip_blocks` on, which is
 * the environment chat templates are written for: the newline after a block or comment goes, and so does the
 * indentation before one, unless `+` keeps it; `-` takes all white space on its side.
 */
export function tokenize(source: string): Token[] {
  if (source.length > templateLimits.sourceLength) throw overLimit('sourceLength', templateLimits.sourceLength)
  return new Lexer(source).run()
}

class Lexer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #at = 0
  #line = 1
  /** Whether the position begins a line as far as `lstrip_blocks` is concerned. */
  #lineStart = true

  constructor(source: string) {
    const text = source.replace(/\r\n?/g, '\n')
    this.#source = text.endsWith('\n') ? text.slice(0, -1) : text
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#data()
    this.#push('eof', '')
    return this.#tokens
  }

  #push(type: TokenType, text: string): void {
    this.#tokens.push({ type, text, line: this.#line })
  }

  /** Moves on, counting lines. */
  #skipTo(end: number): void {
    for (; this.#at < end; this.#at++) if (this.#source.charCodeAt(this.#at) === 10) this.#line++
  }

  /** Text up to the next delimiter, then what the delimiter opens. */
  #data(): void {
    const source = this.#source
    let open = source.indexOf('{', this.#at)
    while (open >= 0 && !'%{#'.includes(source[open + 1] || ' ')) open = source.indexOf('{', open + 1)
    const text = source.slice(this.#at, open < 0 ? source.length : open)
    if (open < 0) {
      this.#emit(text)
      this.#skipTo(source.length)
      return
    }
    const kind = source[open + 1] as string
    const sign = source[open + 2] ?? ''
    this.#emit(this.#stripBefore(text, sign, kind !== '{'))
    this.#skipTo(open)
    this.#lineStart = false
    if (kind === '#') this.#comment(open + 2)
    else if (kind === '%' && this.#match(RAW) !== undefined) this.#raw()
    else this.#tag(kind === '%', sign === '-' || sign === '+' ? 3 : 2)
  }

  #emit(text: string): void {
    if (text !== '') this.#push('data', text)
  }

  #stripBefore(text: string, sign: string, block: boolean): string {
    if (sign === '-') return trimEnd(text)
    if (sign === '+' || !block) return text
    const lineBegin = text.lastIndexOf('\n') + 1
    if (lineBegin === 0 && !this.#lineStart) return text
    for (let i = lineBegin; i < text.length; i++) if (!isSpace(text.charCodeAt(i))) return text
    return text.slice(0, lineBegin)
  }

  /** Passes a closing delimiter of `length` and the white space it takes. */
  #close(end: number, sign: string, trimNewline: boolean): void {
    let after = end
    if (sign === '-') while (after < this.#source.length && isSpace(this.#source.charCodeAt(after))) after++
    else if (trimNewline && sign !== '+' && this.#source[after] === '\n') after++
    this.#lineStart = this.#source[after - 1] === '\n'
    this.#skipTo(after)
  }

  #comment(begin: number): void {
    const end = this.#source.indexOf('#}', begin)
    if (end < 0) throw syntaxError(this.#line, 'a comment is not closed')
    const sign = end > begin ? (this.#source[end - 1] as string) : ''
    this.#close(end + 2, sign, true)
  }

  #raw(): void {
    const begin = this.#match(RAW) as string
    const minus = begin.at(-3) === '-'
    this.#close(this.#at + begin.length, minus ? '-' : '', false)
    ENDRAW.lastIndex = this.#at
    const end = ENDRAW.exec(this.#source)
    if (end === null) throw syntaxError(this.#line, 'a raw block is not closed')
    this.#emit(this.#stripBefore(this.#source.slice(this.#at, end.index), end[1] as string, true))
    this.#skipTo(end.index)
    this.#close(end.index + end[0].length, (end[2] as string)[0] as string, true)
  }

  /** The inside of `{% … %}` or `{{ … }}`. */
  #tag(block: boolean, opening: number): void {
    const source = this.#source
    const close = block ? '%}' : '}}'
    this.#push('begin', block ? '{%' : '{{')
    this.#skipTo(this.#at + opening)
    const open: string[] = []
    for (;;) {
      while (isSpace(source.charCodeAt(this.#at))) this.#skipTo(this.#at + 1)
      if (this.#at >= source.length) throw syntaxError(this.#line, `"${close}" is missing`)
      const sign = source[this.#at] as string
      const signed = sign === '-' || (block && sign === '+') ? 1 : 0
      if (open.length === 0 && source.startsWith(close, this.#at + signed)) {
        this.#push('end', close)
        this.#close(this.#at + signed + 2, signed === 1 ? sign : '', block)
        return
      }
      this.#inner(open)
    }
  }

  #inner(open: string[]): void {
    const quote = this.#source[this.#at]
    if (quote === '"' || quote === "'") {
      this.#string(quote)
      return
    }
    for (const [type, pattern] of [
      ['float', FLOAT],
      ['integer', INTEGER],
      ['name', NAME],
      ['operator', OPERATOR],
    ] as const) {
      // "a.1.2" indexes twice; only digits that follow no dot begin a float.
      if (type === 'float' && this.#source[this.#at - 1] === '.') continue
      const text = this.#match(pattern)
      if (text === undefined) continue
      if (type === 'operator') this.#balance(text, open)
      this.#push(type, text)
      this.#at += text.length
      return
    }
    throw syntaxError(this.#line, `unexpected character ${JSON.stringify(this.#source[this.#at])}`)
  }

  #balance(operator: string, open: string[]): void {
    const closer = CLOSERS[operator]
    if (closer !== undefined) open.push(closer)
    else if (operator === ')' || operator === ']' || operator === '}') {
      if (open.pop() !== operator) throw syntaxError(this.#line, `unexpected "${operator}"`)
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0]
  }

  #string(quote: string): void {
    let end = this.#at + 1
    while (end < this.#source.length && this.#source[end] !== quote) end += this.#source[end] === '\\' ? 2 : 1
    if (end >= this.#source.length) throw syntaxError(this.#line, 'a text is not closed')
    this.#push('string', unescapeText(this.#source.slice(this.#at + 1, end), this.#line))
    this.#skipTo(end + 1)
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  '\n': '',
}

/** Python's escapes; an unknown one stays as it is, backslash included. */
function unescapeText(text: string, line: number): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (whole, x: string, u: string, long: string, octal: string, one: string) => {
      if (one === undefined) {
        const code = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(x ?? u ?? long, 16)
        if (code > 0x10ffff) throw syntaxError(line, 'an escape is outside Unicode')
        return String.fromCodePoint(code)
      }
      if ('xuUN'.includes(one)) throw syntaxError(line, `the escape \\${one} is malformed`)
      return SIMPLE[one] ?? ('\\\'"'.includes(one) ? one : whole)
    },
  )
}
