import { Bound } from './arguments.ts'
import type { Budget } from './limits.ts'
import { floatText } from './python-text.ts'
import { type CallArguments, Float, fail, TextBuilder, typeName, type Value } from './values.ts'

interface Style {
  readonly indent: string | null
  readonly comma: string
  readonly colon: string
  readonly sorted: boolean
  readonly ascii: boolean
}

/** The `tojson` filter as chat templates have it: json.dumps with Python's separators, no HTML escaping. */
export function toJson(value: Value, args: CallArguments, budget: Budget): string {
  const bound = new Bound('tojson', ['ensure_ascii', 'indent', 'separators', 'sort_keys'], args)
  const out = new TextBuilder(budget)
  write(value, readStyle(bound, budget), out, budget, '\n')
  return out.text
}

function readStyle(bound: Bound, budget: Budget): Style {
  const given = bound.or('indent', null)
  if (given !== null && typeof given !== 'number' && typeof given !== 'string') throw fail('indent must be an integer')
  if (typeof given === 'number') budget.text(Math.max(0, given))
  const indent = typeof given === 'number' ? ' '.repeat(Math.max(0, given)) : given
  const separators = bound.or('separators', null)
  const [comma, colon] = Array.isArray(separators) ? separators : [indent === null ? ', ' : ',', ': ']
  if (typeof comma !== 'string' || typeof colon !== 'string') throw fail('separators must be two texts')
  const flag = (name: string): boolean => bound.or(name, false) === true
  return { indent, comma, colon, sorted: flag('sort_keys'), ascii: flag('ensure_ascii') }
}

/** `line` is the line break with the indentation of the enclosing value. */
function write(value: Value, style: Style, out: TextBuilder, budget: Budget, line: string): void {
  if (value === null) out.add('null')
  else if (typeof value === 'boolean') out.add(value ? 'true' : 'false')
  else if (typeof value === 'number') out.add(String(value))
  else if (value instanceof Float) out.add(floatText(value.value))
  else if (typeof value === 'string') out.add(jsonText(value, style, budget))
  else if (Array.isArray(value)) {
    const items = value.map((item) => (inner: string) => write(item, style, out, budget, inner))
    writeAll(items, '[]', style, out, budget, line)
  } else if (value instanceof Map) {
    const entries = [...value]
    if (style.sorted) entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    const items = entries.map(([key, item]) => (inner: string) => {
      out.add(jsonText(keyText(key), style, budget))
      out.add(style.colon)
      write(item, style, out, budget, inner)
    })
    writeAll(items, '{}', style, out, budget, line)
  } else throw fail(`an object of type ${typeName(value)} is not JSON serializable`)
}

function writeAll(
  items: readonly ((line: string) => void)[],
  brackets: string,
  style: Style,
  out: TextBuilder,
  budget: Budget,
  line: string,
): void {
  budget.enter()
  budget.charge(4 + 2 * items.length)
  const inner = style.indent === null ? '' : line + style.indent
  budget.text(inner.length)
  out.add(brackets[0] as string)
  items.forEach((item, i) => {
    if (i > 0) out.add(style.comma)
    out.add(inner)
    item(inner)
  })
  if (style.indent !== null && items.length > 0) out.add(line)
  out.add(brackets[1] as string)
  budget.leave()
}

function keyText(key: string | number | boolean | null): string {
  return typeof key === 'string' ? key : key === null ? 'null' : String(key)
}

function jsonText(text: string, style: Style, budget: Budget): string {
  budget.text(text.length * 2)
  const quoted = JSON.stringify(text)
  if (!style.ascii) return quoted
  return quoted.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
