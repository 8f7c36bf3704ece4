import type { Lang } from '../../contract/messages/index.ts'
import { figure, printable } from '../text.ts'

/** Any plain result as indented `key: value` lines: for results whose keys say enough. */
export function renderGeneric(value: unknown, _lang?: Lang): string {
  return lines(value, '').join('\n')
}

function lines(value: unknown, indent: string): string[] {
  if (!isRecord(value)) return [`${indent}${scalar(value)}`]
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== undefined)
    .flatMap(([key, inner]) => {
      const name = `${indent}${printable(key)}:`
      if (Array.isArray(inner) && inner.some(isRecord)) {
        return [name, ...inner.flatMap((item) => markFirst(lines(item, `${indent}    `), indent))]
      }
      if (isRecord(inner)) return Object.keys(inner).length === 0 ? [] : [name, ...lines(inner, `${indent}  `)]
      return [`${name} ${scalar(inner)}`]
    })
}

/** A list item starts with a hyphen. */
function markFirst(item: string[], indent: string): string[] {
  return item.map((line, at) => (at === 0 ? `${indent}  - ${line.trimStart()}` : line))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function scalar(value: unknown): string {
  if (Array.isArray(value)) return value.map(scalar).join(', ')
  if (typeof value === 'number') return Number.isInteger(value) ? figure(value, 0) : figure(value, 6)
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
