import { byteSize, figure, table } from '../core/cli/text.ts'
import type { Lang } from '../core/contract/messages/index.ts'
import { FIGURES, TABLE_HEADER } from './texts.ts'

/** Long lists stay in the JSON. */
const HIDDEN = /^(command|losses|planHash|excludedTokens)$/

/** Any result as a table of two columns; nested values under dotted names. */
export function renderResult(result: object, lang: Lang): string {
  return table(TABLE_HEADER[lang], linesOf(result, '', lang))
}

function linesOf(value: object, prefix: string, lang: Lang): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (prefix === '' && HIDDEN.test(key)) return []
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      return linesOf(inner, `${prefix}${key}.`, lang)
    }
    // Inside a plan or the versions a key means something of its own.
    const label = prefix === '' || prefix.startsWith('stages.') ? FIGURES[key]?.[lang] : undefined
    return [[`${prefix}${label ?? key}`, cell(prefix + key, inner)] as [string, string]]
  })
}

/** The unit is in the name of the figure, as everywhere in results. */
function cell(name: string, value: unknown): string {
  if (value === null) return '—'
  if (typeof value !== 'number') return Array.isArray(value) ? value.join(', ') : String(value)
  if (/bytes$|^plan\.memory\./i.test(name)) return byteSize(value)
  if (/^share/.test(name)) return `${figure(value * 100)} %`
  if (/flops/i.test(name)) return `${figure(value / 1e9)} ${/PerSecond$/.test(name) ? 'GFLOP/s' : 'GFLOP'}`
  return figure(value, value < 10 ? 4 : 1)
}
