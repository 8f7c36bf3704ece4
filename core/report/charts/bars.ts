import { type Html, html } from '../html.ts'
import { labelColumn, px, svg, svgLabel } from './svg.ts'

/** One class: value before (grey), value after (accent) and the figures written at its end. */
export interface BarRow {
  label: string
  before?: number | undefined
  after?: number | undefined
  text: string
}

/** More classes than this are not drawn (the tables list all). */
export const BAR_LIMIT = 160
/** Rows of one drawing: it must fit on a printed page, because a drawing cannot be broken. */
const ROWS_A_DRAWING = 40
const ONE_COLUMN = 14

/** Horizontal bars, one line a class, in one wide or several narrow columns. */
export function pairedBars(rows: readonly BarRow[], max: number, label: string): Html {
  const shown = rows.slice(0, BAR_LIMIT)
  const names = shown.map((row) => row.label)
  if (shown.length <= ONE_COLUMN) return html`<div class="bars one">${drawing(shown, names, { max, label }, 840)}</div>`
  const columns = Math.max(2, 2 * Math.ceil(shown.length / (2 * ROWS_A_DRAWING)))
  const height = Math.ceil(shown.length / columns)
  const parts = Array.from({ length: columns }, (_, c) => shown.slice(c * height, (c + 1) * height))
  return html`<div class="bars two">${parts.map((part) => drawing(part, names, { max, label }, 408))}</div>`
}

interface Scale {
  max: number
  label: string
}

/** `names` are the labels of all drawings, so that their columns are equally wide. */
function drawing(rows: readonly BarRow[], names: readonly string[], scale: Scale, width: number): Html {
  const wide = width > 500
  const pitch = wide ? 26 : 20
  const labelWidth = px(labelColumn(names, wide ? 220 : 150))
  const textWidth = 96
  const full = width - labelWidth - textWidth - 14
  const bar = (value: number | undefined, y: number, height: number, kind: string) =>
    value !== undefined &&
    html`<rect class="${kind}" x="${labelWidth}" y="${px(y)}" width="${px(Math.max(value > 0 ? 1.5 : 0, (value / (scale.max || 1)) * full))}" height="${height}" rx="1.5"/>`
  const lines = rows.map((row, i) => {
    const middle = i * pitch + pitch / 2
    const thick = wide ? 7 : 5
    const paired = row.before !== undefined && row.after !== undefined
    const bars = paired
      ? [bar(row.before, middle - thick - 0.5, thick, 'before'), bar(row.after, middle + 0.5, thick, 'after')]
      : [bar(row.before, middle - thick, thick * 2, 'before'), bar(row.after, middle - thick, thick * 2, 'after')]
    return html`${svgLabel(row.label, { x: labelWidth - 10, y: middle + 4, cells: Math.floor((labelWidth - 10) / (wide ? 7 : 6.6)) })}<path class="axis" d="M${labelWidth} ${px(middle - pitch / 2)}v${pitch}"/>${bars}<text class="num" x="${width}" y="${px(middle + 4)}" text-anchor="end">${row.text}</text>`
  })
  return svg(width, rows.length * pitch, scale.label, lines)
}
