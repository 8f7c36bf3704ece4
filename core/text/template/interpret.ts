import { AppError } from '../../kit/index.ts'
import type { Block, Parameter, Program, Statement, Target } from './ast.ts'
import { Evaluator, Scope } from './evaluate.ts'
import { Budget, overLimit, templateLimits } from './limits.ts'
import {
  asInteger,
  asKey,
  type CallArguments,
  Callable,
  type Dict,
  fail,
  fromData,
  iterate,
  Loop,
  Namespace,
  present,
  RenderError,
  TextBuilder,
  Tuple,
  toText,
  truthy,
  Undefined,
  type Value,
} from './values.ts'

/** UTF-16 offsets, end exclusive. */
export interface Span {
  readonly begin: number
  readonly end: number
}

export interface Rendering {
  readonly text: string
  /** What stood in generation blocks; null when such a block ran where its place in the text is unknown (in a macro). */
  readonly generations: readonly Span[] | null
}

/**
 * Runs a parsed template over variables (plain data). Throws `text.template.failed`, `.raised` (the template's own
 * refusal), `.unsupported` or `.limit`. There is no clock among the functions (`strftime_now`): the same conversation
 * must give the same text every day, and templates fall back to a fixed date.
 */
export function interpret(
  program: Program,
  variables: Readonly<Record<string, unknown>>,
  inputUnits: number,
): Rendering {
  const run = new Interpreter(new Budget(inputUnits), program.names)
  try {
    return run.program(program, variables)
  } catch (error) {
    if (error instanceof RenderError) {
      throw new AppError('text.template.failed', { line: run.line, reason: error.message }, { cause: error })
    }
    // The engine's own stack ends a little later than our depth limit; should it come first, it is the same cause.
    if (error instanceof RangeError) throw overLimit('depth', templateLimits.depth)
    throw error
  }
}

/** A macro call builds a scope and a text of its own. */
const CALL_STEPS = 8

type Signal = 'next' | 'break' | 'continue'

class Interpreter {
  readonly #budget: Budget
  readonly #expressions: Evaluator
  readonly #names: ReadonlySet<string>
  #generations: Span[] | null = []
  #root: TextBuilder

  constructor(budget: Budget, names: ReadonlySet<string>) {
    this.#budget = budget
    this.#names = names
    this.#expressions = new Evaluator(budget)
    this.#root = new TextBuilder(budget)
  }

  get line(): number {
    return this.#expressions.line
  }

  program(program: Program, variables: Readonly<Record<string, unknown>>): Rendering {
    const globals = new Scope(null)
    for (const name of ['range', 'dict', 'namespace', 'raise_exception'] as const) {
      globals.set(name, new Callable(name, (args) => this.#global(name, args)))
    }
    for (const [name, value] of Object.entries(variables)) {
      if (value !== undefined) globals.set(name, fromData(value, this.#budget))
    }
    this.#block(program.body, new Scope(globals), this.#root)
    return { text: this.#root.text, generations: this.#generations }
  }

  #global(name: 'range' | 'dict' | 'namespace' | 'raise_exception', { positional, named }: CallArguments): Value {
    switch (name) {
      case 'range':
        return this.#range(positional)
      case 'dict':
      case 'namespace': {
        const values: Map<string, Value> = new Map()
        if (positional[0] instanceof Map) for (const [key, value] of positional[0]) values.set(String(key), value)
        for (const [key, value] of named) values.set(key, value)
        this.#budget.charge(values.size)
        return name === 'dict' ? (values as Dict) : new Namespace(values)
      }
      case 'raise_exception': {
        const message = toText(present(positional[0], ''), this.#budget).slice(0, 500)
        throw new AppError('text.template.raised', { message })
      }
    }
  }

  #range(args: readonly Value[]): Value {
    const [a, b, c] = args.map((value) => asInteger(value, 'a range'))
    const begin = b === undefined ? 0 : (a as number)
    const end = b === undefined ? (a ?? 0) : b
    const step = c ?? 1
    if (step === 0) throw fail('range() step must not be zero')
    const count = Math.max(0, Math.ceil((end - begin) / step))
    if (count > templateLimits.range) throw overLimit('range', templateLimits.range)
    this.#budget.charge(count)
    return Array.from({ length: count }, (_, i) => begin + i * step)
  }

  #block(block: Block, scope: Scope, out: TextBuilder): Signal {
    this.#budget.enter()
    let signal: Signal = 'next'
    for (const statement of block) {
      this.#budget.charge(1)
      this.#expressions.line = statement.line
      signal = this.#statement(statement, scope, out)
      if (signal !== 'next') break
    }
    this.#budget.leave()
    return signal
  }

  /** Renders a block into a text of its own. */
  #capture(block: Block, scope: Scope): string {
    const out = new TextBuilder(this.#budget)
    this.#block(block, scope, out)
    return out.text
  }

  #statement(node: Statement, scope: Scope, out: TextBuilder): Signal {
    switch (node.kind) {
      case 'text':
        out.add(node.text)
        return 'next'
      case 'output':
        out.add(toText(this.#expressions.evaluate(node.value, scope), this.#budget))
        return 'next'
      case 'if':
        return this.#if(node, scope, out)
      case 'for':
        this.#for(node, scope, out)
        return 'next'
      case 'set':
        this.#assign(node.target, this.#expressions.evaluate(node.value, scope), scope)
        return 'next'
      case 'setBlock': {
        const text = this.#capture(node.body, new Scope(scope))
        const value = node.filter === null ? text : this.#expressions.filterText(node.filter, text, scope)
        this.#assign(node.target, value, scope)
        return 'next'
      }
      case 'macro':
        scope.set(node.name, this.#macro(node.name, node, scope))
        return 'next'
      case 'callBlock':
        this.#callBlock(node, scope, out)
        return 'next'
      case 'filterBlock': {
        const text = this.#capture(node.body, new Scope(scope))
        out.add(toText(this.#expressions.filterText(node.filter, text, scope), this.#budget))
        return 'next'
      }
      case 'with':
        return this.#with(node, scope, out)
      case 'generation':
        return this.#generation(node.body, scope, out)
      case 'break':
      case 'continue':
        return node.kind
    }
  }

  #if(node: Extract<Statement, { kind: 'if' }>, scope: Scope, out: TextBuilder): Signal {
    for (const { test, body } of node.branches) {
      if (truthy(this.#expressions.evaluate(test, scope))) return this.#block(body, scope, out)
    }
    return this.#block(node.otherwise, scope, out)
  }

  #for(node: Extract<Statement, { kind: 'for' }>, scope: Scope, out: TextBuilder): void {
    let items = iterate(this.#expressions.evaluate(node.iterable, scope), this.#budget)
    const { test } = node
    if (test !== null) {
      items = Array.from(items).filter((one) => {
        const inner = new Scope(scope)
        this.#assign(node.target, one, inner)
        return truthy(this.#expressions.evaluate(test, inner))
      })
    }
    if (items.length === 0) {
      this.#block(node.otherwise, new Scope(scope), out)
      return
    }
    const loop = new Loop(items)
    for (let i = 0; i < items.length; i++) {
      this.#budget.charge(1)
      loop.index0 = i
      const inner = new Scope(scope)
      inner.set('loop', loop)
      this.#assign(node.target, items[i] as Value, inner)
      if (this.#block(node.body, inner, out) === 'break') break
    }
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    switch (target.kind) {
      case 'name':
        scope.set(target.name, value)
        return
      case 'attribute': {
        const object = scope.get(target.object)
        if (!(object instanceof Namespace)) throw fail('cannot assign attribute on non-namespace object')
        object.values.set(target.name, value)
        return
      }
      case 'tuple': {
        const values = iterate(value, this.#budget)
        if (values.length !== target.items.length) {
          throw fail(`${target.items.length} values are needed to unpack, not ${values.length}`)
        }
        target.items.forEach((one, i) => {
          this.#assign(one, values[i] as Value, scope)
        })
      }
    }
  }

  #with(node: Extract<Statement, { kind: 'with' }>, scope: Scope, out: TextBuilder): Signal {
    const inner = new Scope(scope)
    // Values are evaluated outside: an entry does not see the one before it.
    for (const { target, value } of node.entries) {
      this.#assign(target, this.#expressions.evaluate(value, scope), inner)
    }
    return this.#block(node.body, inner, out)
  }

  #generation(body: Block, scope: Scope, out: TextBuilder): Signal {
    const begin = out.text.length
    const signal = this.#block(body, new Scope(scope), out)
    if (out !== this.#root) this.#generations = null
    else this.#generations?.push({ begin, end: out.text.length })
    return signal
  }

  #macro(name: string, node: { parameters: readonly Parameter[]; body: Block }, scope: Scope): Callable {
    return new Callable(name, (args) => {
      this.#budget.charge(CALL_STEPS)
      const inner = new Scope(scope)
      this.#bind(node.parameters, args, inner)
      return this.#capture(node.body, inner)
    })
  }

  #bind(parameters: readonly Parameter[], { positional, named }: CallArguments, scope: Scope): void {
    const rest = new Map(named)
    const caller = rest.get('caller')
    rest.delete('caller')
    scope.set('caller', present(caller, new Undefined('caller')))
    parameters.forEach((parameter, i) => {
      let value = i < positional.length ? positional[i] : rest.get(parameter.name)
      rest.delete(parameter.name)
      if (value === undefined && parameter.otherwise !== null) {
        value = this.#expressions.evaluate(parameter.otherwise, scope)
      }
      scope.set(parameter.name, present(value, new Undefined(parameter.name)))
    })
    // Surplus arguments need a macro that asks for them.
    if (positional.length > parameters.length && !this.#names.has('varargs')) {
      throw fail(`a macro takes at most ${parameters.length} argument(s)`)
    }
    if (rest.size > 0 && !this.#names.has('kwargs')) throw fail('a macro has no such argument')
    scope.set('varargs', Tuple.from(positional.slice(parameters.length)))
    const kwargs: Dict = new Map()
    for (const [key, value] of rest) kwargs.set(asKey(key), value)
    scope.set('kwargs', kwargs)
  }

  #callBlock(node: Extract<Statement, { kind: 'callBlock' }>, scope: Scope, out: TextBuilder): void {
    const { call } = node
    if (call.kind !== 'call') throw fail('a call is missing')
    const args = this.#expressions.args(call.args, scope)
    const named = new Map(args.named)
    named.set('caller', this.#macro('caller', node, scope))
    out.add(toText(this.#expressions.call(call.callee, { ...args, named }, scope), this.#budget))
  }
}
