import type { Arguments, Expression, Target } from './ast.ts'
import { syntaxError, type Token } from './lexer.ts'
import { overLimit } from './limits.ts'
import { TokenStream } from './token-stream.ts'

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
export const noArguments: Arguments = { positional: [], named: [], spread: null, spreadNamed: null }

/** Recursive descent over the grammar of Jinja's expressions, loosest binding first. */
export class ExpressionParser extends TokenStream {
  /** Every name that is read somewhere. */
  readonly names = new Set<string>()

  expression(): Expression {
    return this.nested(() => this.#condition())
  }

  /** One expression, or several with commas between them as a tuple; `ends` are names that end the list. */
  tuple(options: { conditional?: boolean; parenthesised?: boolean; ends?: readonly string[] } = {}): Expression {
    const line = this.line
    const items: Expression[] = []
    let comma = false
    while (!this.#tupleEnd(options.ends ?? [])) {
      items.push(options.conditional === false ? this.nested(() => this.#or()) : this.expression())
      if (!this.skip('operator', ',')) break
      comma = true
    }
    if (!comma && items.length === 1) return items[0] as Expression
    if (items.length === 0 && options.parenthesised !== true) throw this.unexpected('an expression')
    return { kind: 'tuple', items, line }
  }

  /** The left side of `set` and `for`: names, namespace attributes, or tuples of them. */
  target(withAttributes: boolean): Target {
    return this.nested(() => {
      const items: Target[] = []
      let comma = false
      while (!this.is('name', 'in') && !this.is('operator', '=') && !this.is('end')) {
        items.push(this.#oneTarget(withAttributes))
        if (!this.skip('operator', ',')) break
        comma = true
      }
      if (items.length === 0) throw this.unexpected('a name')
      return comma ? { kind: 'tuple', items } : (items[0] as Target)
    })
  }

  /** What follows the name of a filter block or `set` block: filters joined by `|`. */
  filters(first: boolean): Expression | null {
    let node: Expression | null = null
    while (first || this.is('operator', '|')) {
      if (!first) this.next()
      first = false
      node = this.#filter(node)
    }
    return node
  }

  #tupleEnd(ends: readonly string[]): boolean {
    return this.is('end') || this.is('operator', ')') || ends.some((name) => this.is('name', name))
  }

  #oneTarget(withAttributes: boolean): Target {
    if (this.skip('operator', '(')) {
      const items: Target[] = []
      while (!this.is('operator', ')')) {
        items.push(this.nested(() => this.#oneTarget(withAttributes)))
        if (!this.skip('operator', ',')) break
      }
      this.expect('operator', ')')
      return { kind: 'tuple', items }
    }
    const name = this.expect('name').text
    if (withAttributes && this.skip('operator', '.')) {
      this.names.add(name)
      return { kind: 'attribute', object: name, name: this.expect('name').text }
    }
    if (['true', 'false', 'none', 'True', 'False', 'None'].includes(name)) throw syntaxError(this.line, 'not a name')
    return { kind: 'name', name }
  }

  #condition(): Expression {
    const { line } = this
    let then = this.#or()
    while (this.skip('name', 'if')) {
      const test = this.#or()
      const otherwise = this.skip('name', 'else') ? this.nested(() => this.#condition()) : null
      then = { kind: 'condition', test, then, otherwise, line }
    }
    return then
  }

  #or(): Expression {
    let left = this.#and()
    while (this.is('name', 'or')) {
      const { line } = this.next()
      left = { kind: 'logic', operator: 'or', left, right: this.#and(), line }
    }
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.is('name', 'and')) {
      const { line } = this.next()
      left = { kind: 'logic', operator: 'and', left, right: this.#not(), line }
    }
    return left
  }

  #not(): Expression {
    if (!this.is('name', 'not')) return this.#compare()
    const { line } = this.next()
    return { kind: 'unary', operator: 'not', operand: this.nested(() => this.#not()), line }
  }

  #compare(): Expression {
    const { line } = this
    const first = this.#sum()
    const rest: { operator: string; operand: Expression }[] = []
    for (;;) {
      let operator: string
      if (this.is('operator') && COMPARISONS.has(this.token.text)) operator = this.next().text
      else if (this.skip('name', 'in')) operator = 'in'
      else if (this.is('name', 'not') && this.is('name', 'in', 1)) {
        this.next()
        this.next()
        operator = 'not in'
      } else break
      rest.push({ operator, operand: this.#sum() })
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, line }
  }

  #sum(): Expression {
    return this.#leftToRight(['+', '-'], () => this.#concat())
  }

  #concat(): Expression {
    const { line } = this
    const parts = [this.#product()]
    while (this.skip('operator', '~')) parts.push(this.#product())
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'concat', parts, line }
  }

  #product(): Expression {
    return this.#leftToRight(['*', '/', '//', '%'], () => this.#power())
  }

  /** Left to right in Jinja, unlike Python. */
  #power(): Expression {
    return this.#leftToRight(['**'], () => this.#unary(true))
  }

  #leftToRight(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    while (this.is('operator') && operators.includes(this.token.text)) {
      const { line, text } = this.next()
      left = { kind: 'binary', operator: text, left, right: operand(), line }
    }
    return left
  }

  #unary(withFilters: boolean): Expression {
    const { line } = this
    let node: Expression
    if (this.is('operator', '-') || this.is('operator', '+')) {
      const operator = this.next().text as '-' | '+'
      node = { kind: 'unary', operator, operand: this.nested(() => this.#unary(false)), line }
    } else node = this.#primary()
    node = this.#postfix(node)
    return withFilters ? this.#filtersAndTests(node) : node
  }

  #postfix(start: Expression): Expression {
    let node = start
    for (;;) {
      const { line } = this
      if (this.skip('operator', '.')) node = this.#attribute(node, line)
      else if (this.skip('operator', '[')) node = this.#subscript(node, line)
      else if (this.is('operator', '(')) node = { kind: 'call', callee: node, args: this.arguments(), line }
      else return node
    }
  }

  #filtersAndTests(start: Expression): Expression {
    let node = start
    for (;;) {
      const { line } = this
      if (this.skip('operator', '|')) node = this.#filter(node)
      else if (this.skip('name', 'is')) node = this.#test(node, line)
      else if (this.is('operator', '(')) node = { kind: 'call', callee: node, args: this.arguments(), line }
      else return node
    }
  }

  #attribute(object: Expression, line: number): Expression {
    if (this.is('integer')) {
      return { kind: 'item', object, index: { kind: 'constant', value: this.#integer(this.next()), line }, line }
    }
    return { kind: 'attribute', object, name: this.expect('name').text, line }
  }

  #subscript(object: Expression, line: number): Expression {
    const bounds: (Expression | null)[] = []
    let colons = 0
    let index: Expression | null = null
    while (!this.is('operator', ']')) {
      if (this.skip('operator', ':')) {
        bounds.push(index)
        index = null
        colons++
      } else if (index === null) index = this.expression()
      else throw this.unexpected('"]"')
    }
    this.next()
    if (colons > 2) throw syntaxError(line, 'a slice has at most three parts')
    if (colons > 0) return { kind: 'slice', object, bounds: [...bounds, index], line }
    if (index === null) throw syntaxError(line, 'an index is missing')
    return { kind: 'item', object, index, line }
  }

  #filter(operand: Expression | null): Expression {
    const { line } = this
    const name = this.#dotted()
    const args = this.is('operator', '(') ? this.arguments() : noArguments
    return { kind: 'filter', operand, name, args, line }
  }

  #dotted(): string {
    let name = this.expect('name').text
    while (this.skip('operator', '.')) name += `.${this.expect('name').text}`
    return name
  }

  #test(operand: Expression, line: number): Expression {
    const negated = this.skip('name', 'not')
    const name = this.#dotted()
    let args = noArguments
    if (this.is('operator', '(')) args = this.arguments()
    else if (this.#beginsOperand()) {
      if (this.is('name', 'is')) throw syntaxError(line, 'tests cannot be chained')
      args = { ...noArguments, positional: [this.#postfix(this.#primary())] }
    }
    const test: Expression = { kind: 'test', operand, name, args, line }
    return negated ? { kind: 'unary', operator: 'not', operand: test, line } : test
  }

  /** Whether a value without parentheses follows, as in `is divisibleby 3`. */
  #beginsOperand(): boolean {
    const { type, text } = this.token
    if (type === 'name') return !['else', 'or', 'and', 'if', 'in', 'not'].includes(text)
    return type === 'string' || type === 'integer' || type === 'float' || (type === 'operator' && '[{'.includes(text))
  }

  arguments(): Arguments {
    const { line } = this.expect('operator', '(')
    const positional: Expression[] = []
    const named: { name: string; value: Expression }[] = []
    let spread: Expression | null = null
    let spreadNamed: Expression | null = null
    while (!this.is('operator', ')')) {
      const late = spread !== null || spreadNamed !== null
      if (this.skip('operator', '*')) {
        if (late) throw syntaxError(line, 'arguments are out of order')
        spread = this.expression()
      } else if (this.skip('operator', '**')) {
        if (spreadNamed !== null) throw syntaxError(line, 'arguments are out of order')
        spreadNamed = this.expression()
      } else if (this.is('name') && this.is('operator', '=', 1)) {
        const name = this.next().text
        this.next()
        if (spreadNamed !== null || named.some((other) => other.name === name)) {
          throw syntaxError(line, `argument "${name}" is given twice or out of order`)
        }
        named.push({ name, value: this.expression() })
      } else {
        if (late || named.length > 0) throw syntaxError(line, 'arguments are out of order')
        positional.push(this.expression())
      }
      if (!this.skip('operator', ',')) break
    }
    this.expect('operator', ')')
    return { positional, named, spread, spreadNamed }
  }

  #primary(): Expression {
    const { type, text, line } = this.token
    switch (type) {
      case 'name':
        this.next()
        return this.#name(text, line)
      case 'string': {
        let value = ''
        while (this.is('string')) value += this.next().text
        return { kind: 'constant', value, line }
      }
      case 'integer':
        return { kind: 'constant', value: this.#integer(this.next()), line }
      case 'float':
        this.next()
        return { kind: 'float', value: Number(text.replaceAll('_', '')), line }
      case 'operator':
        return this.nested(() => this.#bracketed())
      default:
        throw this.unexpected('an expression')
    }
  }

  #name(name: string, line: number): Expression {
    if (name === 'true' || name === 'True') return { kind: 'constant', value: true, line }
    if (name === 'false' || name === 'False') return { kind: 'constant', value: false, line }
    if (name === 'none' || name === 'None') return { kind: 'constant', value: null, line }
    this.names.add(name)
    return { kind: 'name', name, line }
  }

  #integer(token: Token): number {
    const value = Number(token.text.replaceAll('_', ''))
    if (!Number.isSafeInteger(value)) throw overLimit('number', Number.MAX_SAFE_INTEGER)
    return value
  }

  #bracketed(): Expression {
    const { line } = this
    if (this.skip('operator', '(')) {
      const inner = this.tuple({ parenthesised: true })
      this.expect('operator', ')')
      return inner
    }
    if (this.skip('operator', '[')) return { kind: 'list', items: this.#items(']', () => this.expression()), line }
    if (this.skip('operator', '{')) {
      const entries = this.#items('}', () => {
        const key = this.expression()
        this.expect('operator', ':')
        return [key, this.expression()] as const
      })
      return { kind: 'dict', entries, line }
    }
    throw this.unexpected('an expression')
  }

  #items<T>(close: string, parse: () => T): T[] {
    const items: T[] = []
    while (!this.is('operator', close)) {
      items.push(parse())
      if (!this.skip('operator', ',')) break
    }
    this.expect('operator', close)
    return items
  }
}
