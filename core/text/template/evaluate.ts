import { AppError } from '../../kit/index.ts'
import type { Arguments, Expression } from './ast.ts'
import { type FilterContext, filters } from './filters.ts'
import type { Budget } from './limits.ts'
import { attribute, item } from './lookup.ts'
import { arithmetic, compare, slice } from './operators.ts'
import { tests } from './tests.ts'
import {
  asInteger,
  asKey,
  type CallArguments,
  Callable,
  type Dict,
  Float,
  fail,
  integer,
  iterate,
  numeric,
  present,
  Tuple,
  toText,
  truthy,
  typeName,
  Undefined,
  type Value,
} from './values.ts'

/** Variables of one block; inner blocks see outer variables. */
export class Scope {
  readonly parent: Scope | null
  readonly #values = new Map<string, Value>()

  constructor(parent: Scope | null) {
    this.parent = parent
  }

  get(name: string): Value | undefined {
    let scope: Scope | null = this
    while (scope !== null) {
      const value = scope.#values.get(name)
      if (value !== undefined) return value
      scope = scope.parent
    }
    return undefined
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value)
  }
}

/** Evaluates expressions; every node costs a step, every nesting a level. */
export class Evaluator implements FilterContext {
  readonly budget: Budget
  /** Line of the node at work, for messages. */
  line = 1

  constructor(budget: Budget) {
    this.budget = budget
  }

  evaluate(node: Expression, scope: Scope): Value {
    this.budget.charge(1)
    this.budget.enter()
    this.line = node.line
    const value = this.#node(node, scope)
    this.budget.leave()
    return value
  }

  lookup(object: Value, name: string): Value {
    return object instanceof Map ? item(object, name, this.budget) : attribute(object, name, this.budget)
  }

  filter(name: string, value: Value, args: CallArguments): Value {
    const filter = filters.get(name)
    if (filter === undefined) throw new AppError('text.template.unsupported', { name: `|${name}`, line: this.line })
    this.budget.charge(1)
    return filter(value, args, this)
  }

  #node(node: Expression, scope: Scope): Value {
    switch (node.kind) {
      case 'constant':
        return node.value
      case 'float':
        return new Float(node.value)
      case 'name':
        return present(scope.get(node.name), new Undefined(node.name))
      case 'list':
        return node.items.map((one) => this.evaluate(one, scope))
      case 'tuple':
        return Tuple.from(node.items, (one) => this.evaluate(one, scope))
      case 'dict':
        return this.#dict(node.entries, scope)
      case 'attribute':
        return attribute(this.evaluate(node.object, scope), node.name, this.budget)
      case 'item':
        return item(this.evaluate(node.object, scope), this.evaluate(node.index, scope), this.budget)
      case 'slice':
        return this.#slice(node, scope)
      case 'call':
        return this.call(node.callee, this.args(node.args, scope), scope)
      case 'filter':
        if (node.operand === null) throw fail('a filter has nothing to work on')
        return this.filter(node.name, this.evaluate(node.operand, scope), this.args(node.args, scope))
      case 'test':
        return this.#test(node, scope)
      case 'unary':
        return this.#unary(node.operator, this.evaluate(node.operand, scope))
      case 'binary':
        return arithmetic(node.operator, this.evaluate(node.left, scope), this.evaluate(node.right, scope), this.budget)
      case 'logic': {
        const left = this.evaluate(node.left, scope)
        return truthy(left) === (node.operator === 'or') ? left : this.evaluate(node.right, scope)
      }
      case 'compare':
        return this.#compare(node, scope)
      case 'concat':
        return this.#concat(node.parts, scope)
      case 'condition':
        if (truthy(this.evaluate(node.test, scope))) return this.evaluate(node.then, scope)
        return node.otherwise === null ? new Undefined('else') : this.evaluate(node.otherwise, scope)
    }
  }

  /** Applies a chain of filters whose innermost operand is `value` (filter blocks, filtered `set` blocks). */
  filterText(node: Expression, value: Value, scope: Scope): Value {
    if (node.kind !== 'filter') throw fail('not a filter')
    const operand = node.operand === null ? value : this.filterText(node.operand, value, scope)
    return this.filter(node.name, operand, this.args(node.args, scope))
  }

  call(callee: Expression, args: CallArguments, scope: Scope): Value {
    const target = this.evaluate(callee, scope)
    if (target instanceof Callable) {
      const { line } = this
      const value = target.call(args)
      this.line = line
      return value
    }
    if (target instanceof Undefined) throw fail(`'${target.name}' is undefined`)
    throw fail(`'${typeName(target)}' object is not callable`)
  }

  args(args: Arguments, scope: Scope): CallArguments {
    const positional = args.positional.map((one) => this.evaluate(one, scope))
    if (args.spread !== null) {
      const more = iterate(this.evaluate(args.spread, scope), this.budget)
      this.budget.charge(more.length)
      for (const value of more) positional.push(value)
    }
    const named = new Map<string, Value>()
    for (const { name, value } of args.named) named.set(name, this.evaluate(value, scope))
    if (args.spreadNamed !== null) {
      const more = this.evaluate(args.spreadNamed, scope)
      if (!(more instanceof Map)) throw fail('argument after ** must be a mapping')
      this.budget.charge(more.size)
      for (const [name, value] of more) {
        if (typeof name !== 'string' || named.has(name)) throw fail('keywords must be texts given once')
        named.set(name, value)
      }
    }
    return { positional, named }
  }

  #dict(entries: readonly (readonly [Expression, Expression])[], scope: Scope): Dict {
    const dict: Dict = new Map()
    for (const [key, value] of entries) dict.set(asKey(this.evaluate(key, scope)), this.evaluate(value, scope))
    return dict
  }

  #slice(node: Extract<Expression, { kind: 'slice' }>, scope: Scope): Value {
    const object = this.evaluate(node.object, scope)
    const bounds = node.bounds.map((bound) => {
      const value = bound === null ? null : this.evaluate(bound, scope)
      return value === null ? null : asInteger(value, 'a slice index')
    })
    if (object instanceof Undefined) throw fail(`'${object.name}' is undefined`)
    return slice(object, bounds, this.budget)
  }

  #test(node: Extract<Expression, { kind: 'test' }>, scope: Scope): boolean {
    const test = tests.get(node.name)
    if (test === undefined)
      throw new AppError('text.template.unsupported', { name: `is ${node.name}`, line: node.line })
    return test(this.evaluate(node.operand, scope), this.args(node.args, scope), this.budget)
  }

  #unary(operator: '-' | '+' | 'not', value: Value): Value {
    if (operator === 'not') return !truthy(value)
    const number = numeric(value)
    if (number === undefined) throw fail(`bad operand for unary ${operator}: '${typeName(value)}'`)
    const result = operator === '-' ? -number : number
    return value instanceof Float ? new Float(result) : integer(result)
  }

  /** `a < b < c` compares neighbours, each evaluated once. */
  #compare(node: Extract<Expression, { kind: 'compare' }>, scope: Scope): boolean {
    let left = this.evaluate(node.first, scope)
    for (const { operator, operand } of node.rest) {
      const right = this.evaluate(operand, scope)
      if (!compare(operator, left, right, this.budget)) return false
      left = right
    }
    return true
  }

  #concat(parts: readonly Expression[], scope: Scope): string {
    let out = ''
    for (const part of parts) {
      const text = toText(this.evaluate(part, scope), this.budget)
      this.budget.text(out.length + text.length)
      out += text
    }
    return out
  }
}
