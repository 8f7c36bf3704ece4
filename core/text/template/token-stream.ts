import type { AppError } from '../../kit/index.ts'
import { syntaxError, type Token, type TokenType } from './lexer.ts'
import { overLimit, templateLimits } from './limits.ts'

/** Tokens of a template, read one by one with a look ahead. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token
  }

  get line(): number {
    return this.token.line
  }

  next(): Token {
    const token = this.token
    if (token.type !== 'eof') this.#at++
    return token
  }

  is(type: TokenType, text?: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead]
    return token !== undefined && token.type === type && (text === undefined || token.text === text)
  }

  skip(type: TokenType, text?: string): boolean {
    if (!this.is(type, text)) return false
    this.next()
    return true
  }

  expect(type: TokenType, text?: string): Token {
    if (!this.is(type, text)) throw this.unexpected(text ?? type)
    return this.next()
  }

  unexpected(wanted: string): AppError {
    const found = this.token.type === 'eof' ? 'the end of the template' : `"${this.token.text.slice(0, 40)}"`
    return syntaxError(this.line, `expected ${wanted} but found ${found}`)
  }

  /** Bounds the recursion of the parser, which follows the nesting of the source. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > templateLimits.depth) throw overLimit('depth', templateLimits.depth)
    const result = parse()
    this.#depth--
    return result
  }
}
