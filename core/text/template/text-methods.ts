import { Bound } from './arguments.ts'
import type { Budget } from './limits.ts'
import * as py from './python-text.ts'
import { type CallArguments, fail, Tuple, toText, type Value } from './values.ts'

type Method = (text: string, args: CallArguments, budget: Budget) => Value

/** Methods of `str` that templates call. */
export const textMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['strip', (text, args) => stripped(text, args, 'both')],
  ['lstrip', (text, args) => stripped(text, args, 'left')],
  ['rstrip', (text, args) => stripped(text, args, 'right')],
  ['upper', (text) => text.toUpperCase()],
  ['lower', (text) => text.toLowerCase()],
  ['title', (text) => py.title(text)],
  ['capitalize', (text) => py.capitalize(text)],
  ['startswith', (text, args) => affix('startswith', args, (part) => text.startsWith(part))],
  ['endswith', (text, args) => affix('endswith', args, (part) => text.endsWith(part))],
  ['split', (text, args, budget) => splitText(text, args, budget, false)],
  ['rsplit', (text, args, budget) => splitText(text, args, budget, true)],
  ['splitlines', splitLines],
  ['replace', (text, args, budget) => replaceIn(text, new Bound('replace', ['old', 'new', 'count'], args), budget)],
  ['find', (text, args, budget) => find('find', text, args, budget)],
  ['rfind', (text, args, budget) => find('rfind', text, args, budget)],
  ['index', (text, args, budget) => found(find('index', text, args, budget))],
  ['count', count],
  ['join', (text, args, budget) => joinTexts(new Bound('join', ['iterable'], args).or('iterable', []), text, budget)],
  ['removeprefix', (text, args) => cut(text, new Bound('removeprefix', ['prefix'], args).text('prefix'), true)],
  ['removesuffix', (text, args) => cut(text, new Bound('removesuffix', ['suffix'], args).text('suffix'), false)],
  ['partition', (text, args, budget) => partition(text, args, budget, false)],
  ['rpartition', (text, args, budget) => partition(text, args, budget, true)],
  ['isdigit', (text) => /^\p{Nd}+$/u.test(text)],
  ['isnumeric', (text) => /^\p{N}+$/u.test(text)],
  ['isalpha', (text) => /^\p{L}+$/u.test(text)],
  ['isalnum', (text) => /^[\p{L}\p{N}]+$/u.test(text)],
  ['isspace', (text) => text !== '' && py.strip(text, null, 'both') === ''],
  ['isupper', (text) => /\p{Lu}/u.test(text) && text === text.toUpperCase()],
  ['islower', (text) => /\p{Ll}/u.test(text) && text === text.toLowerCase()],
])

function stripped(text: string, args: CallArguments, ends: 'both' | 'left' | 'right'): string {
  return py.strip(text, new Bound('strip', ['chars'], args).textOrNone('chars'), ends)
}

function affix(name: string, args: CallArguments, test: (part: string) => boolean): boolean {
  const part = new Bound(name, ['prefix'], args).or('prefix', null)
  const parts = Array.isArray(part) ? part : [part]
  return parts.some((one) => {
    if (typeof one !== 'string') throw fail(`${name} needs a text`)
    return test(one)
  })
}

function splitText(text: string, args: CallArguments, budget: Budget, fromRight: boolean): Value {
  const bound = new Bound('split', ['sep', 'maxsplit'], args)
  const separator = bound.textOrNone('sep')
  const max = bound.integer('maxsplit', -1)
  if (separator === '') throw fail('empty separator')
  if (separator === null) {
    if (fromRight && max >= 0) throw fail('rsplit with maxsplit needs a separator')
    const words = py.splitSpace(text, max)
    budget.charge(words.length)
    return words
  }
  budget.search(text, separator)
  const parts = text.split(separator)
  budget.charge(parts.length)
  if (max < 0 || parts.length <= max + 1) return parts
  if (fromRight) {
    const cut = parts.length - max
    return [parts.slice(0, cut).join(separator), ...parts.slice(cut)]
  }
  return [...parts.slice(0, max), parts.slice(max).join(separator)]
}

function splitLines(text: string, args: CallArguments, budget: Budget): Value {
  const lines = py.splitLines(text, new Bound('splitlines', ['keepends'], args).or('keepends', false) === true)
  budget.charge(lines.length)
  return lines
}

/** `replace(old, new, count)`, shared by the method and the filter; the size of the result is checked before it exists. */
export function replaceIn(text: string, bound: Bound, budget: Budget): string {
  const from = bound.text('old')
  const to = bound.text('new')
  const given = bound.get('count') ?? null
  const most = given === null || (given as number) < 0 ? Number.POSITIVE_INFINITY : bound.integer('count', -1)
  if (most === 0) return text
  budget.search(text, from)
  const parts = from === '' ? ['', ...py.characters(text), ''] : text.split(from)
  const times = Math.min(most, parts.length - 1)
  budget.charge(parts.length)
  budget.text(text.length + times * Math.max(0, to.length - from.length))
  if (times === parts.length - 1) return parts.join(to)
  return parts.slice(0, times).join(to) + (times > 0 ? to : '') + parts.slice(times).join(from)
}

function find(name: string, text: string, args: CallArguments, budget: Budget): number {
  const part = new Bound(name, ['sub'], args).text('sub')
  budget.search(text, part)
  const at = name === 'rfind' ? text.lastIndexOf(part) : text.indexOf(part)
  return at <= 0 ? at : py.length(text.slice(0, at))
}

function found(at: number): number {
  if (at < 0) throw fail('substring not found')
  return at
}

function count(text: string, args: CallArguments, budget: Budget): number {
  const part = new Bound('count', ['sub'], args).text('sub')
  budget.search(text, part)
  return part === '' ? py.length(text) + 1 : text.split(part).length - 1
}

function cut(text: string, part: string, front: boolean): string {
  if (part === '') return text
  if (front) return text.startsWith(part) ? text.slice(part.length) : text
  return text.endsWith(part) ? text.slice(0, -part.length) : text
}

function partition(text: string, args: CallArguments, budget: Budget, last: boolean): Value {
  const separator = new Bound('partition', ['sep'], args).text('sep')
  if (separator === '') throw fail('empty separator')
  budget.search(text, separator)
  const at = last ? text.lastIndexOf(separator) : text.indexOf(separator)
  if (at < 0) return Tuple.from(last ? ['', '', text] : [text, '', ''])
  return Tuple.from([text.slice(0, at), separator, text.slice(at + separator.length)])
}

/** Joins printed values; the size is paid for as it grows. */
export function joinTexts(items: Value, separator: string, budget: Budget): string {
  if (!Array.isArray(items)) throw fail('join needs a list')
  const texts = items.map((item) => toText(item, budget))
  const total = texts.reduce((sum, text) => sum + text.length, separator.length * Math.max(0, texts.length - 1))
  budget.charge(texts.length)
  budget.text(total)
  return texts.join(separator)
}
