import { clip, visibleText } from './visible.ts'

/** Markup that is safe to place; only `html` and `raw` make it, every other value is escaped as text. */
export class Html {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

/** What may stand in a template: nothing, text (escaped), numbers, markup or lists of markup. */
export type Part = Html | string | number | undefined | false | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for element content and quoted attribute values: hidden characters shown, the five special ones as entities. */
export function escapeText(text: string, options: { lines?: boolean } = {}): string {
  return visibleText(text, options).replace(/[&<>"']/g, (c) => ENTITIES[c] as string)
}

/** A template whose interpolated text is always escaped: html`<td>${label}</td>`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((out, string, i) => out + source(parts[i - 1]) + string))
}

function source(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.source
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return escapeText(part)
  return part.map(source).join('')
}

/** Constant markup of our own (style sheet, fixed drawings). Never call it with text that came from data. */
export const raw = (source: string): Html => new Html(source)

/** Text from data, cut to a bearable length and isolated so that right-to-left letters cannot reorder its neighbours. */
export const user = (text: string, limit = 400): Html => html`<bdi>${clip(text, limit)}</bdi>`

/** Text from data that keeps its line ends (to be shown with `white-space: pre-wrap`). */
export const userLines = (text: string, limit = 2000): Html =>
  html`<bdi>${raw(escapeText(clip(text, limit), { lines: true }))}</bdi>`

/** Joins markup with a separator. */
export function joined(parts: readonly Part[], separator: string): Html {
  return html`${parts.map((part, i) => (i === 0 ? part : [separator, part]))}`
}
