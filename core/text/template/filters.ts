import { Bound } from './arguments.ts'
import { toJson } from './json-text.ts'
import type { Budget } from './limits.ts'
import { arithmetic } from './operators.ts'
import * as py from './python-text.ts'
import { tests } from './tests.ts'
import { joinTexts, replaceIn } from './text-methods.ts'
import {
  type CallArguments,
  equal,
  Float,
  fail,
  integer,
  iterate,
  numeric,
  order,
  present,
  size,
  Tuple,
  toText,
  truthy,
  typeName,
  Undefined,
  type Value,
} from './values.ts'

/** What filters need of the running template. */
export interface FilterContext {
  readonly budget: Budget
  /** `object.name` and `object[name]` as the template language looks them up. */
  lookup(object: Value, name: string): Value
  /** Applies a filter by name, for `map('upper')`. */
  filter(name: string, value: Value, args: CallArguments): Value
}

type Filter = (value: Value, args: CallArguments, context: FilterContext) => Value

const text =
  (change: (text: string, budget: Budget) => Value): Filter =>
  (value, args, { budget }) => {
    new Bound('filter', [], args)
    const own = toText(value, budget)
    budget.characters(own.length)
    return change(own, budget)
  }

/** `value | name` */
export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['abs', (value) => absolute(value)],
  ['capitalize', text(py.capitalize)],
  ['count', (value, _args, { budget }) => size(value, budget)],
  ['d', withDefault],
  ['default', withDefault],
  ['dictsort', dictSort],
  ['first', (value, _args, { budget }) => present(iterate(value, budget)[0], new Undefined('first'))],
  ['float', (value, args) => toFloat(value, new Bound('float', ['default'], args).or('default', new Float(0)))],
  ['indent', indent],
  ['int', (value, args) => toInteger(value, new Bound('int', ['default'], args).or('default', 0))],
  ['items', (value, _args, { budget }) => items(value, budget)],
  ['join', join],
  ['last', (value, _args, { budget }) => present(iterate(value, budget).at(-1), new Undefined('last'))],
  ['length', (value, _args, { budget }) => size(value, budget)],
  ['list', (value, _args, { budget }) => copy(value, budget)],
  ['lower', text((own) => own.toLowerCase())],
  ['map', map],
  ['max', (value, _args, { budget }) => extreme(value, 1, budget)],
  ['min', (value, _args, { budget }) => extreme(value, -1, budget)],
  ['reject', (value, args, context) => select(value, args, context, false)],
  ['rejectattr', (value, args, context) => selectAttribute(value, args, context, false)],
  ['replace', replace],
  ['reverse', reverse],
  ['round', round],
  ['safe', (value) => value],
  ['select', (value, args, context) => select(value, args, context, true)],
  ['selectattr', (value, args, context) => selectAttribute(value, args, context, true)],
  ['sort', sort],
  ['string', (value, _args, { budget }) => toText(value, budget)],
  ['sum', sum],
  ['title', text(titleWords)],
  ['tojson', (value, args, { budget }) => toJson(value, args, budget)],
  ['trim', trim],
  ['unique', unique],
  ['upper', text((own) => own.toUpperCase())],
  ['wordcount', text((own) => (own.match(/[\p{L}\p{N}_]+/gu) ?? []).length)],
])

/** The filter, unlike the method, keeps an apostrophe inside a word. */
function titleWords(own: string): string {
  return own
    .split(/([-\s({[<]+)/u)
    .map((part) => py.capitalize(part))
    .join('')
}

function absolute(value: Value): Value {
  const number = numeric(value)
  if (number === undefined) throw fail(`bad operand for abs: ${typeName(value)}`)
  return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number)
}

function withDefault(value: Value, args: CallArguments): Value {
  const bound = new Bound('default', ['default_value', 'boolean'], args)
  const missing = value instanceof Undefined || (truthy(bound.or('boolean', false)) && !truthy(value))
  return missing ? bound.or('default_value', '') : value
}

function dictSort(value: Value, args: CallArguments, { budget }: FilterContext): Value {
  const bound = new Bound('dictsort', ['case_sensitive', 'by', 'reverse'], args)
  const by = bound.text('by', 'key') === 'value' ? 1 : 0
  const fold = foldCase(!truthy(bound.or('case_sensitive', false)))
  return sorted(
    items(value, budget),
    (pair) => fold((pair as Value[])[by] as Value),
    truthy(bound.or('reverse', false)),
    budget,
  )
}

function toFloat(value: Value, otherwise: Value): Value {
  const number = numeric(value)
  if (number !== undefined) return new Float(number)
  if (typeof value === 'string' && /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(value))
    return new Float(Number(value))
  return otherwise
}

function toInteger(value: Value, otherwise: Value): Value {
  const number = numeric(value)
  if (number !== undefined) return integer(Math.trunc(number))
  if (typeof value !== 'string') return otherwise
  const float = toFloat(value, null)
  return float instanceof Float ? integer(Math.trunc(float.value)) : otherwise
}

function indent(value: Value, args: CallArguments, { budget }: FilterContext): Value {
  const bound = new Bound('indent', ['width', 'first', 'blank'], args)
  const width = bound.or('width', 4)
  if (typeof width === 'number') budget.text(Math.max(0, width))
  const pad = typeof width === 'string' ? width : ' '.repeat(Math.max(0, bound.integer('width', 4)))
  budget.characters(toText(value, budget).length)
  const lines = py.splitLines(`${toText(value, budget)}\n`, false)
  budget.text(lines.reduce((all, line) => all + line.length + 1, pad.length * lines.length))
  const blank = truthy(bound.or('blank', false))
  const rest = lines.slice(1).map((line) => (line === '' && !blank ? line : pad + line))
  return (truthy(bound.or('first', false)) ? pad : '') + [lines[0] ?? '', ...rest].join('\n')
}

export function items(value: Value, budget: Budget): Value[] {
  if (value instanceof Undefined) return []
  if (!(value instanceof Map)) throw fail('items needs a mapping')
  budget.charge(value.size * 2)
  return Array.from(value, (pair) => Tuple.from(pair))
}

function join(value: Value, args: CallArguments, context: FilterContext): Value {
  const bound = new Bound('join', ['d', 'attribute'], args)
  const attribute = bound.get('attribute')
  const all = iterate(value, context.budget)
  const shown = attribute === undefined ? all : all.map((item) => reach(item, attribute, context))
  return joinTexts([...shown], toText(bound.or('d', ''), context.budget), context.budget)
}

function copy(value: Value, budget: Budget): Value[] {
  const all = iterate(value, budget)
  budget.charge(all.length)
  return Array.from(all)
}

/** Follows `a.b.0` or an index from an item. */
function reach(item: Value, attribute: Value, context: FilterContext): Value {
  let out = item
  for (const part of toText(attribute, context.budget).split('.')) {
    context.budget.charge(1)
    out =
      /^\d+$/.test(part) && Array.isArray(out)
        ? present(out[Number(part)], new Undefined(part))
        : context.lookup(out, part)
  }
  return out
}

function map(value: Value, args: CallArguments, context: FilterContext): Value {
  const all = iterate(value, context.budget)
  context.budget.charge(all.length)
  const attribute = args.named.get('attribute')
  if (attribute !== undefined) {
    const otherwise = args.named.get('default')
    return Array.from(all, (item) => {
      const found = reach(item, attribute, context)
      return found instanceof Undefined && otherwise !== undefined ? otherwise : found
    })
  }
  const [name, ...rest] = args.positional
  if (typeof name !== 'string') throw fail('map needs a filter or an attribute')
  return Array.from(all, (item) => context.filter(name, item, { positional: rest, named: args.named }))
}

function extreme(value: Value, direction: 1 | -1, budget: Budget): Value {
  const all = iterate(value, budget)
  const fold = foldCase(true)
  let best = all[0]
  if (best === undefined) return new Undefined('max')
  for (const item of all) if (direction * order(fold(item), fold(best), budget) > 0) best = item
  return best
}

function accepts(value: Value, args: readonly Value[], context: FilterContext): boolean {
  context.budget.charge(1)
  const [name, ...rest] = args
  if (name === undefined) return truthy(value)
  const test = tests.get(toText(name, context.budget))
  if (test === undefined) throw fail(`unknown test "${toText(name, context.budget).slice(0, 40)}"`)
  return test(value, { positional: rest, named: new Map() }, context.budget)
}

function select(value: Value, args: CallArguments, context: FilterContext, wanted: boolean): Value {
  return copy(value, context.budget).filter((item) => accepts(item, args.positional, context) === wanted)
}

function selectAttribute(value: Value, args: CallArguments, context: FilterContext, wanted: boolean): Value {
  const [attribute, ...test] = args.positional
  if (attribute === undefined) throw fail('an attribute is needed')
  return copy(value, context.budget).filter(
    (item) => accepts(reach(item, attribute, context), test, context) === wanted,
  )
}

function replace(value: Value, args: CallArguments, { budget }: FilterContext): Value {
  return replaceIn(toText(value, budget), new Bound('replace', ['old', 'new', 'count'], args), budget)
}

function reverse(value: Value, _args: CallArguments, { budget }: FilterContext): Value {
  const all = copy(value, budget).reverse()
  return typeof value === 'string' ? all.join('') : all
}

function round(value: Value, args: CallArguments): Value {
  const bound = new Bound('round', ['precision', 'method'], args)
  const number = numeric(value)
  if (number === undefined) throw fail(`a number is needed, not ${typeName(value)}`)
  const factor = 10 ** bound.integer('precision', 0)
  const method = bound.text('method', 'common')
  if (method === 'ceil') return new Float(Math.ceil(number * factor) / factor)
  if (method === 'floor') return new Float(Math.floor(number * factor) / factor)
  // Half to even, like Python.
  const scaled = number * factor
  const near = Math.round(scaled)
  const even = Math.abs(scaled % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near
  return new Float(even / factor)
}

function foldCase(fold: boolean): (value: Value) => Value {
  return (value) => (fold && typeof value === 'string' ? value.toLowerCase() : value)
}

function sorted(all: Value[], key: (item: Value) => Value, descending: boolean, budget: Budget): Value[] {
  budget.charge(all.length)
  const keyed = all.map((item) => ({ item, key: key(item) }))
  keyed.sort((a, b) => (descending ? order(b.key, a.key, budget) : order(a.key, b.key, budget)))
  return keyed.map(({ item }) => item)
}

function sort(value: Value, args: CallArguments, context: FilterContext): Value {
  const bound = new Bound('sort', ['reverse', 'case_sensitive', 'attribute'], args)
  const fold = foldCase(!truthy(bound.or('case_sensitive', false)))
  const attribute = bound.get('attribute')
  const key = (item: Value): Value => fold(attribute === undefined ? item : reach(item, attribute, context))
  return sorted(copy(value, context.budget), key, truthy(bound.or('reverse', false)), context.budget)
}

function sum(value: Value, args: CallArguments, context: FilterContext): Value {
  const bound = new Bound('sum', ['attribute', 'start'], args)
  const attribute = bound.or('attribute', null)
  return iterate(value, context.budget).reduce<Value>(
    (total, item) => {
      context.budget.charge(1)
      return arithmetic('+', total, attribute === null ? item : reach(item, attribute, context), context.budget)
    },
    bound.or('start', 0),
  )
}

function trim(value: Value, args: CallArguments, { budget }: FilterContext): Value {
  const own = toText(value, budget)
  if (args.positional.length > 0 || args.named.size > 0) budget.characters(own.length)
  else budget.charge(1 + own.length / 8)
  return py.strip(own, new Bound('trim', ['chars'], args).textOrNone('chars'), 'both')
}

function unique(value: Value, args: CallArguments, context: FilterContext): Value {
  const bound = new Bound('unique', ['case_sensitive', 'attribute'], args)
  const fold = foldCase(!truthy(bound.or('case_sensitive', false)))
  const attribute = bound.or('attribute', null)
  const seen: Value[] = []
  return copy(value, context.budget).filter((item) => {
    const key = fold(attribute === null ? item : reach(item, attribute, context))
    if (seen.some((other) => equal(other, key, context.budget))) return false
    seen.push(key)
    return true
  })
}
