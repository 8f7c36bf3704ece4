import type { Budget } from './limits.ts'
import { overLimit, templateLimits } from './limits.ts'
import { compareText, floatText, length, quote } from './python-text.ts'

/** A float, kept apart from an integer because Jinja prints and divides them differently. */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** Python's tuple: a list that prints with parentheses. */
export class Tuple extends Array<Value> {}

/** `namespace(…)`: the one thing a template can change from inside a loop. */
export class Namespace {
  readonly values: Map<string, Value>
  constructor(values: Map<string, Value>) {
    this.values = values
  }
}

/** A missing value: empty when printed, false when tested, an error when used. */
export class Undefined {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

export interface CallArguments {
  readonly positional: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}

/** A macro or a built-in function. */
export class Callable {
  readonly name: string
  readonly call: (args: CallArguments) => Value
  constructor(name: string, call: (args: CallArguments) => Value) {
    this.name = name
    this.call = call
  }
}

/** The `loop` variable. */
export class Loop {
  readonly items: readonly Value[]
  index0 = 0
  changed: Value | undefined
  constructor(items: readonly Value[]) {
    this.items = items
  }
}

export type Dict = Map<Key, Value>
export type Key = string | number | boolean | null

/** Values of a running template. Integers are JavaScript numbers, floats are `Float`, dictionaries are maps. */
export type Value = null | boolean | number | string | Float | Value[] | Dict | Namespace | Undefined | Callable | Loop

/** A reason why a template cannot go on; the interpreter adds the line. */
export class RenderError extends Error {}

export function fail(reason: string): RenderError {
  return new RenderError(reason)
}

/** The value, or what stands for its absence; unlike `??`, None is a value here. */
export function present<T extends Value>(value: Value | undefined, absent: T): Value {
  return value === undefined ? absent : value
}

/** Name of a value's type, in Python's words, for messages. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'int'
  if (typeof value === 'string') return 'str'
  if (value instanceof Float) return 'float'
  if (value instanceof Tuple) return 'tuple'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'dict'
  if (value instanceof Undefined) return 'undefined'
  return value instanceof Namespace ? 'namespace' : value instanceof Loop ? 'loop' : 'function'
}

export function truthy(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false
  if (value instanceof Float) return value.value !== 0
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  if (typeof value === 'object') return true
  return Boolean(value)
}

/** Number behind an integer, boolean or float, or undefined. */
export function numeric(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Float ? value.value : undefined
}

/** An integer result, which must stay exact. */
export function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw overLimit('number', Number.MAX_SAFE_INTEGER)
  return value + 0
}

/** An argument that must be an integer. */
export function asInteger(value: Value, what: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw fail(`${what} must be an integer, not ${typeName(value)}`)
}

export function asKey(value: Value): Key {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw fail(`unhashable type: ${typeName(value)}`)
}

/** What a `for` loop, `list` or `join` walks over. */
export function iterate(value: Value, budget: Budget): readonly Value[] {
  if (Array.isArray(value)) return value
  if (value instanceof Undefined) return []
  if (value instanceof Map) {
    budget.charge(value.size)
    return [...value.keys()]
  }
  if (typeof value === 'string') {
    budget.charge(value.length)
    return Array.from(value)
  }
  throw fail(`'${typeName(value)}' object is not iterable`)
}

/** len(). */
export function size(value: Value, budget: Budget): number {
  if (typeof value === 'string') {
    budget.charge(1 + value.length / 8)
    return length(value)
  }
  if (Array.isArray(value)) return value.length
  if (value instanceof Map) return value.size
  if (value instanceof Undefined) return 0
  throw fail(`object of type '${typeName(value)}' has no len()`)
}

export function equal(a: Value, b: Value, budget: Budget): boolean {
  budget.charge(1)
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined || y !== undefined) return x === y
  if (typeof a === 'string' || typeof b === 'string') {
    if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) budget.text(a.length)
    return a === b
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length || a instanceof Tuple !== b instanceof Tuple) return false
    return deeper(budget, () => a.every((item, i) => equal(item, b[i] as Value, budget)))
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false
    return deeper(budget, () => {
      for (const [key, value] of a) {
        const other = b.get(key)
        if (other === undefined || !equal(value, other, budget)) return false
      }
      return true
    })
  }
  if (a instanceof Undefined && b instanceof Undefined) return true
  return a === b
}

function deeper<T>(budget: Budget, work: () => T): T {
  budget.enter()
  const result = work()
  budget.leave()
  return result
}

/** Order of two values, negative when the first is smaller; throws where Python refuses to compare. */
export function order(a: Value, b: Value, budget: Budget): number {
  budget.charge(1)
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) return x - y
  if (typeof a === 'string' && typeof b === 'string') {
    budget.charge(Math.min(a.length, b.length) / 8)
    return compareText(a, b)
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return deeper(budget, () => {
      for (let i = 0; i < Math.min(a.length, b.length); i++) {
        if (!equal(a[i] as Value, b[i] as Value, budget)) return order(a[i] as Value, b[i] as Value, budget)
      }
      return a.length - b.length
    })
  }
  throw fail(`'<' not supported between '${typeName(a)}' and '${typeName(b)}'`)
}

/** Collects text and pays for it piece by piece, so that a nested value cannot print itself into an explosion. */
export class TextBuilder {
  text = ''
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  add(text: string): void {
    this.#budget.text(text.length)
    this.text += text
    if (this.text.length > templateLimits.textLength) throw overLimit('textLength', templateLimits.textLength)
  }
}

/** str(). */
export function toText(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value
  if (value instanceof Undefined) return ''
  const out = new TextBuilder(budget)
  write(value, out, budget)
  return out.text
}

/** repr(). */
function write(value: Value, out: TextBuilder, budget: Budget): void {
  if (value === null) out.add('None')
  else if (typeof value === 'boolean') out.add(value ? 'True' : 'False')
  else if (typeof value === 'number') out.add(String(value))
  else if (typeof value === 'string') {
    budget.charge(value.length)
    out.add(quote(value))
  } else if (value instanceof Float) out.add(floatText(value.value))
  else if (Array.isArray(value)) deeper(budget, () => writeList(value, out, budget))
  else if (value instanceof Map) deeper(budget, () => writeDict(value, out, budget))
  else out.add(value instanceof Undefined ? 'Undefined' : `<${typeName(value)}>`)
}

function writeList(value: Value[], out: TextBuilder, budget: Budget): void {
  const tuple = value instanceof Tuple
  out.add(tuple ? '(' : '[')
  value.forEach((item, i) => {
    if (i > 0) out.add(', ')
    write(item, out, budget)
  })
  out.add(tuple ? (value.length === 1 ? ',)' : ')') : ']')
}

function writeDict(value: Dict, out: TextBuilder, budget: Budget): void {
  out.add('{')
  let first = true
  for (const [key, item] of value) {
    if (!first) out.add(', ')
    first = false
    write(key, out, budget)
    out.add(': ')
    write(item, out, budget)
  }
  out.add('}')
}

/** Turns plain data (messages, variables) into template values; `undefined` members are left out. */
export function fromData(data: unknown, budget: Budget): Value {
  budget.charge(1)
  if (data === null || typeof data === 'boolean') return data
  if (typeof data === 'string') {
    budget.text(data.length)
    return data
  }
  if (typeof data === 'number') return Number.isSafeInteger(data) ? data : new Float(data)
  if (Array.isArray(data)) return deeper(budget, () => data.map((item) => fromData(item, budget)))
  if (typeof data === 'object') {
    return deeper(budget, () => {
      const dict: Dict = new Map()
      for (const [key, item] of Object.entries(data as object)) {
        if (item !== undefined) dict.set(key, fromData(item, budget))
      }
      return dict
    })
  }
  throw fail(`a value of type ${typeof data} cannot be shown to a template`)
}
