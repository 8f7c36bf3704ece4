import type { Budget } from './limits.ts'
import { characters, hasSurrogates } from './python-text.ts'
import { equal, Float, fail, integer, numeric, order, Tuple, typeName, Undefined, type Value } from './values.ts'

/** `left operator right` for arithmetic, as Python defines it for these types. */
export function arithmetic(operator: string, left: Value, right: Value, budget: Budget): Value {
  for (const side of [left, right]) if (side instanceof Undefined) throw fail(`'${side.name}' is undefined`)
  const a = numeric(left)
  const b = numeric(right)
  if (a !== undefined && b !== undefined) {
    return numbers(operator, [a, b], left instanceof Float || right instanceof Float)
  }
  if (operator === '+') {
    const sum = joined(left, right, budget)
    if (sum !== undefined) return sum
  }
  if (operator === '*') {
    const repeated = repeat(left, right, budget) ?? repeat(right, left, budget)
    if (repeated !== undefined) return repeated
  }
  throw fail(`unsupported operand types for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

function numbers(operator: string, [a, b]: readonly [number, number], float: boolean): Value {
  const result = (value: number): Value => (float ? new Float(value) : integer(value))
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) throw fail('division by zero')
  switch (operator) {
    case '+':
      return result(a + b)
    case '-':
      return result(a - b)
    case '*':
      return result(a * b)
    case '/':
      return new Float(a / b)
    case '//':
      return result(Math.floor(a / b))
    case '%': {
      // The remainder has the sign of the divisor.
      const rest = a % b
      return result(rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest)
    }
    default: {
      if (a === 0 && b < 0) throw fail('0.0 cannot be raised to a negative power')
      const power = a ** b
      if (!Number.isFinite(power)) throw fail('the power is not a finite number')
      return float || b < 0 ? new Float(power) : integer(power)
    }
  }
}

function joined(left: Value, right: Value, budget: Budget): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    budget.text(left.length + right.length)
    return left + right
  }
  if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
    budget.charge(left.length + right.length)
    return left.concat(right)
  }
  return undefined
}

function repeat(value: Value, times: Value, budget: Budget): Value | undefined {
  if (typeof times !== 'number' && typeof times !== 'boolean') return undefined
  const n = Math.max(0, Number(times))
  if (typeof value === 'string') {
    budget.text(value.length * n)
    return value.repeat(n)
  }
  if (!Array.isArray(value)) return undefined
  budget.charge(value.length * n)
  const out: Value[] = value instanceof Tuple ? new Tuple() : []
  for (let i = 0; i < n; i++) for (const item of value) out.push(item)
  return out
}

/** `left operator right` for comparisons and membership. */
export function compare(operator: string, left: Value, right: Value, budget: Budget): boolean {
  switch (operator) {
    case '==':
      return equal(left, right, budget)
    case '!=':
      return !equal(left, right, budget)
    case 'in':
      return contains(right, left, budget)
    case 'not in':
      return !contains(right, left, budget)
    case '<':
      return order(left, right, budget) < 0
    case '<=':
      return order(left, right, budget) <= 0
    case '>':
      return order(left, right, budget) > 0
    default:
      return order(left, right, budget) >= 0
  }
}

export function contains(container: Value, item: Value, budget: Budget): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw fail(`'in <string>' requires a string, not ${typeName(item)}`)
    budget.search(container, item)
    return container.includes(item)
  }
  if (Array.isArray(container)) return container.some((other) => equal(other, item, budget))
  if (container instanceof Map) return container.has(item as never)
  if (container instanceof Undefined) return false
  throw fail(`argument of type '${typeName(container)}' is not iterable`)
}

/** `value[begin:end:step]` for text and lists. */
export function slice(value: Value, bounds: readonly (number | null)[], budget: Budget): Value {
  const [begin = null, end = null, stepOrNull = null] = bounds
  const step = stepOrNull ?? 1
  if (step === 0) throw fail('slice step cannot be zero')
  if (typeof value === 'string') {
    budget.text(value.length)
    if (step === 1 && !hasSurrogates(value)) return value.slice(...unitBounds(begin, end))
    budget.characters(value.length)
    const all = characters(value)
    return pick(all, begin, end, step).join('')
  }
  if (Array.isArray(value)) {
    budget.charge(value.length)
    const items = pick(value, begin, end, step)
    return value instanceof Tuple ? Tuple.from(items) : items
  }
  throw fail(`'${typeName(value)}' object cannot be sliced`)
}

function unitBounds(begin: number | null, end: number | null): [number, number | undefined] {
  return [begin ?? 0, end ?? undefined]
}

function pick<T>(items: readonly T[], begin: number | null, end: number | null, step: number): T[] {
  const n = items.length
  const low = step > 0 ? 0 : -1
  const high = step > 0 ? n : n - 1
  const clamp = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + n : at))
  const from = begin === null ? (step > 0 ? low : high) : clamp(begin)
  const to = end === null ? (step > 0 ? high : low) : clamp(end)
  const out: T[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(items[i] as T)
  return out
}
