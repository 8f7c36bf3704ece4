import type { Budget } from './limits.ts'
import { compare, contains } from './operators.ts'
import { type CallArguments, Callable, Float, fail, toText, typeName, Undefined, type Value } from './values.ts'

type Test = (value: Value, args: CallArguments, budget: Budget) => boolean

function other(args: CallArguments): Value {
  if (args.positional.length !== 1) throw fail('a test needs one value to compare with')
  return args.positional[0] as Value
}

function comparing(operator: string): Test {
  return (value, args, budget) => compare(operator, value, other(args), budget)
}

function whole(value: Value): number {
  if (typeof value === 'number') return value
  throw fail(`an integer is needed, not ${typeName(value)}`)
}

const defined: Test = (value) => !(value instanceof Undefined)
const iterable: Test = (value) =>
  typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Undefined

/** `value is …` */
export const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['defined', defined],
  ['undefined', (value, args, budget) => !defined(value, args, budget)],
  ['none', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['integer', (value) => typeof value === 'number'],
  ['float', (value) => value instanceof Float],
  ['number', (value) => typeof value === 'number' || typeof value === 'boolean' || value instanceof Float],
  ['string', (value) => typeof value === 'string'],
  ['mapping', (value) => value instanceof Map],
  ['iterable', iterable],
  ['sequence', iterable],
  ['callable', (value) => value instanceof Callable],
  ['odd', (value) => Math.abs(whole(value) % 2) === 1],
  ['even', (value) => whole(value) % 2 === 0],
  ['divisibleby', (value, args) => whole(value) % whole(other(args)) === 0],
  ['lower', (value, _args, budget) => /\p{L}/u.test(toText(value, budget)) && isCase(toText(value, budget), 'lower')],
  ['upper', (value, _args, budget) => /\p{L}/u.test(toText(value, budget)) && isCase(toText(value, budget), 'upper')],
  ['in', (value, args, budget) => contains(other(args), value, budget)],
  ['sameas', (value, args) => Object.is(value, other(args))],
  ['eq', comparing('==')],
  ['equalto', comparing('==')],
  ['==', comparing('==')],
  ['ne', comparing('!=')],
  ['lt', comparing('<')],
  ['lessthan', comparing('<')],
  ['le', comparing('<=')],
  ['gt', comparing('>')],
  ['greaterthan', comparing('>')],
  ['ge', comparing('>=')],
])

function isCase(text: string, kind: 'lower' | 'upper'): boolean {
  return text === (kind === 'lower' ? text.toLowerCase() : text.toUpperCase())
}
