import { Bound } from './arguments.ts'
import { items } from './filters.ts'
import type { Budget } from './limits.ts'
import { hasSurrogates } from './python-text.ts'
import { textMethods } from './text-methods.ts'
import {
  asKey,
  type CallArguments,
  Callable,
  type Dict,
  equal,
  fail,
  Loop,
  Namespace,
  present,
  typeName,
  Undefined,
  type Value,
} from './values.ts'

/** `object.name`: a method or member first, then an entry. */
export function attribute(object: Value, name: string, budget: Budget): Value {
  budget.charge(1)
  const own = member(object, name, budget)
  if (own !== undefined) return own
  if (object instanceof Map) return present(object.get(name), missing(object, name))
  if (object instanceof Undefined) throw fail(`'${object.name}' is undefined`)
  return missing(object, name)
}

/** `object[index]`: an entry first, then a member. */
export function item(object: Value, index: Value, budget: Budget): Value {
  budget.charge(1)
  if (object instanceof Undefined) throw fail(`'${object.name}' is undefined`)
  if (typeof index === 'number' || typeof index === 'boolean') {
    const found = object instanceof Map ? object.get(index) : at(object, Number(index), budget)
    return present(found, missing(object, String(index)))
  }
  if (object instanceof Map && !(index instanceof Undefined)) {
    const found = object.get(asKey(index))
    if (found !== undefined) return found
  }
  if (typeof index !== 'string') return missing(object, typeName(index))
  return present(member(object, index, budget), missing(object, index))
}

function missing(object: Value, name: string): Undefined {
  return new Undefined(`${typeName(object)}.${name.slice(0, 40)}`)
}

function at(object: Value, index: number, budget: Budget): Value | undefined {
  if (Array.isArray(object)) return object.at(index)
  if (typeof object !== 'string') return undefined
  if (!hasSurrogates(object)) return object.at(index)
  budget.charge(object.length)
  return Array.from(object).at(index)
}

function member(object: Value, name: string, budget: Budget): Value | undefined {
  if (typeof object === 'string') {
    const method = textMethods.get(name)
    if (method === undefined) return undefined
    return new Callable(name, (args) => {
      if (CHARACTERWISE.has(name) || args.positional.length > 0) budget.characters(object.length)
      else budget.charge(1 + object.length / 8)
      return method(object, args, budget)
    })
  }
  if (object instanceof Map) return dictMember(object, name, budget)
  if (Array.isArray(object)) return listMember(object, name, budget)
  if (object instanceof Namespace) return object.values.get(name)
  return object instanceof Loop ? loopMember(object, name, budget) : undefined
}

/** Methods of text that look at every character. */
const CHARACTERWISE = new Set(['title', 'splitlines', 'split', 'isdigit', 'isnumeric', 'isalpha', 'isalnum', 'isspace'])

/** Methods that change a value are refused, as Jinja's immutable sandbox refuses them. */
const MUTATORS = new Set([
  'append',
  'extend',
  'insert',
  'remove',
  'pop',
  'clear',
  'sort',
  'reverse',
  'update',
  'popitem',
  'setdefault',
])

function refusing(name: string, type: string): Callable {
  return new Callable(name, () => {
    throw fail(`a template may not change a value with ${type}.${name}`)
  })
}

function dictMember(dict: Dict, name: string, budget: Budget): Value | undefined {
  switch (name) {
    case 'items':
      return new Callable(name, () => items(dict, budget))
    case 'keys':
    case 'values':
      return new Callable(name, () => {
        budget.charge(dict.size)
        return [...(name === 'keys' ? dict.keys() : dict.values())]
      })
    case 'get':
      return new Callable(name, (args: CallArguments) => {
        const bound = new Bound('get', ['key', 'default'], args)
        return present(dict.get(asKey(bound.or('key', null))), bound.or('default', null))
      })
    case 'copy':
      return new Callable(name, () => {
        budget.charge(dict.size)
        return new Map(dict)
      })
    default:
      // Unlike a list's, these names are plausible fields of a message: an entry wins.
      return MUTATORS.has(name) && !dict.has(name) ? refusing(name, 'dict') : undefined
  }
}

function listMember(list: readonly Value[], name: string, budget: Budget): Value | undefined {
  if (MUTATORS.has(name)) return refusing(name, 'list')
  if (name !== 'index' && name !== 'count') return undefined
  return new Callable(name, (args) => {
    const wanted = new Bound(name, ['value'], args).or('value', null)
    const places = list.flatMap((other, i) => (equal(other, wanted, budget) ? [i] : []))
    if (name === 'count') return places.length
    if (places.length === 0) throw fail('the value is not in the list')
    return places[0] as number
  })
}

function loopMember(loop: Loop, name: string, budget: Budget): Value | undefined {
  const { items: all, index0 } = loop
  switch (name) {
    case 'index':
      return index0 + 1
    case 'index0':
      return index0
    case 'revindex':
      return all.length - index0
    case 'revindex0':
      return all.length - index0 - 1
    case 'first':
      return index0 === 0
    case 'last':
      return index0 === all.length - 1
    case 'length':
      return all.length
    // Depth counts recursive loops, which are not supported, not nested ones.
    case 'depth':
      return 1
    case 'depth0':
      return 0
    case 'previtem':
      return index0 > 0 ? (all[index0 - 1] as Value) : new Undefined('loop.previtem')
    case 'nextitem':
      return index0 + 1 < all.length ? (all[index0 + 1] as Value) : new Undefined('loop.nextitem')
    case 'cycle':
      return new Callable(name, ({ positional }) => {
        if (positional.length === 0) throw fail('no items for cycling given')
        return positional[index0 % positional.length] as Value
      })
    case 'changed':
      return new Callable(name, ({ positional }) => {
        const before = loop.changed
        loop.changed = Array.from(positional)
        return before === undefined || !equal(before, loop.changed, budget)
      })
    default:
      return undefined
  }
}
