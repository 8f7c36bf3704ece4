import { AppError } from '../../kit/index.ts'
import type { Block, Parameter, Program, Statement } from './ast.ts'
import { syntaxError, tokenize } from './lexer.ts'
import { ExpressionParser } from './parse-expression.ts'

/** Parses a chat template. Throws `text.template.syntax`, `.unsupported` (a known but refused tag) or `.limit`. */
export function parseTemplate(source: string): Program {
  const parser = new StatementParser(new ExpressionParser(tokenize(source)))
  const body = parser.block([])
  return { body, names: parser.names, hasGeneration: parser.hasGeneration }
}

/** Tags of Jinja that reach for other files or change the environment; a chat template needs none. */
const REFUSED: ReadonlySet<string> = new Set([
  'include',
  'import',
  'from',
  'extends',
  'block',
  'do',
  'autoescape',
  'trans',
])

class StatementParser {
  hasGeneration = false
  readonly #in: ExpressionParser
  #loops = 0

  constructor(expressions: ExpressionParser) {
    this.#in = expressions
  }

  get names(): ReadonlySet<string> {
    return this.#in.names
  }

  /** Statements up to one of the tags in `ends` (whose name is left to be read), or to the end of the template. */
  block(ends: readonly string[]): Block {
    return this.#in.nested(() => {
      const out: Statement[] = []
      for (;;) {
        const { type, text, line } = this.#in.token
        if (type === 'eof') {
          if (ends.length === 0) return out
          throw syntaxError(line, `"${ends.at(-1)}" is missing`)
        }
        this.#in.next()
        if (type === 'data') out.push({ kind: 'text', text, line })
        else if (text === '{{') {
          out.push({ kind: 'output', value: this.#in.tuple(), line })
          this.#in.expect('end')
        } else {
          if (ends.some((name) => this.#in.is('name', name))) return out
          out.push(this.#statement(line))
        }
      }
    })
  }

  #end(): void {
    this.#in.expect('end', '%}')
  }

  /** Body of a tag and its closing tag. */
  #body(end: string): Block {
    this.#end()
    const body = this.block([end])
    this.#in.expect('name', end)
    this.#end()
    return body
  }

  #statement(line: number): Statement {
    const name = this.#in.expect('name').text
    switch (name) {
      case 'if':
        return this.#if(line)
      case 'for':
        return this.#for(line)
      case 'set':
        return this.#set(line)
      case 'macro':
        return this.#macro(line)
      case 'call':
        return this.#call(line)
      case 'filter': {
        const filter = this.#in.filters(true)
        if (filter === null) throw this.#in.unexpected('a filter')
        return { kind: 'filterBlock', filter, body: this.#body('endfilter'), line }
      }
      case 'with':
        return this.#with(line)
      case 'generation':
        this.hasGeneration = true
        return { kind: 'generation', body: this.#body('endgeneration'), line }
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw syntaxError(line, `"${name}" outside a loop`)
        this.#end()
        return { kind: name, line }
      default:
        if (REFUSED.has(name)) throw new AppError('text.template.unsupported', { name, line })
        throw syntaxError(line, `unknown tag "${name}"`)
    }
  }

  #if(line: number): Statement {
    const branches: { test: ReturnType<ExpressionParser['tuple']>; body: Block }[] = []
    let otherwise: Block = []
    for (;;) {
      const test = this.#in.tuple({ conditional: false })
      this.#end()
      branches.push({ test, body: this.block(['elif', 'else', 'endif']) })
      const next = this.#in.next().text
      if (next === 'elif') continue
      if (next === 'else') {
        this.#end()
        otherwise = this.block(['endif'])
        this.#in.expect('name', 'endif')
      }
      this.#end()
      return { kind: 'if', branches, otherwise, line }
    }
  }

  #for(line: number): Statement {
    const target = this.#in.target(false)
    this.#in.expect('name', 'in')
    const iterable = this.#in.tuple({ conditional: false, ends: ['recursive'] })
    const test = this.#in.skip('name', 'if') ? this.#in.expression() : null
    if (this.#in.is('name', 'recursive')) throw new AppError('text.template.unsupported', { name: 'recursive', line })
    this.#end()
    this.#loops++
    const body = this.block(['else', 'endfor'])
    this.#loops--
    let otherwise: Block = []
    if (this.#in.next().text === 'else') {
      this.#end()
      otherwise = this.block(['endfor'])
      this.#in.expect('name', 'endfor')
    }
    this.#end()
    return { kind: 'for', target, iterable, test, body, otherwise, line }
  }

  #set(line: number): Statement {
    const target = this.#in.target(true)
    if (this.#in.skip('operator', '=')) {
      const value = this.#in.tuple()
      this.#end()
      return { kind: 'set', target, value, line }
    }
    const filter = this.#in.filters(false)
    return { kind: 'setBlock', target, filter, body: this.#body('endset'), line }
  }

  #macro(line: number): Statement {
    const name = this.#in.expect('name').text
    const parameters = this.#parameters()
    return { kind: 'macro', name, parameters, body: this.#outsideLoops('endmacro'), line }
  }

  #call(line: number): Statement {
    const parameters = this.#in.is('operator', '(') ? this.#parameters() : []
    const call = this.#in.expression()
    if (call.kind !== 'call') throw syntaxError(line, 'a call is missing')
    return { kind: 'callBlock', parameters, call, body: this.#outsideLoops('endcall'), line }
  }

  /** `break` cannot leave a macro. */
  #outsideLoops(end: string): Block {
    const loops = this.#loops
    this.#loops = 0
    const body = this.#body(end)
    this.#loops = loops
    return body
  }

  #parameters(): Parameter[] {
    const parameters: Parameter[] = []
    const { line } = this.#in.expect('operator', '(')
    while (!this.#in.is('operator', ')')) {
      const name = this.#in.expect('name').text
      const otherwise = this.#in.skip('operator', '=') ? this.#in.expression() : null
      if (otherwise === null && parameters.some((other) => other.otherwise !== null)) {
        throw syntaxError(line, `parameter "${name}" needs a default`)
      }
      parameters.push({ name, otherwise })
      if (!this.#in.skip('operator', ',')) break
    }
    this.#in.expect('operator', ')')
    return parameters
  }

  #with(line: number): Statement {
    const entries: { target: ReturnType<ExpressionParser['target']>; value: ReturnType<ExpressionParser['tuple']> }[] =
      []
    while (!this.#in.is('end')) {
      if (entries.length > 0) this.#in.expect('operator', ',')
      const target = this.#in.target(false)
      this.#in.expect('operator', '=')
      entries.push({ target, value: this.#in.expression() })
    }
    return { kind: 'with', entries, body: this.#body('endwith'), line }
  }
}
