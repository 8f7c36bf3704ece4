import type { Interval } from '../../contract/domain/report.ts'
import { type Html, html } from '../html.ts'
import { labelColumn, px, svg, svgLabel } from './svg.ts'

/** One measured share with its interval. */
export interface IntervalRow {
  label: string
  value: number
  interval?: Interval | undefined
  text: string
  kind: 'before' | 'after' | 'majority'
}

/** Points with whiskers on one axis from 0 to 100 %. */
export function intervalChart(rows: readonly IntervalRow[], label: string): Html {
  const [width, textWidth, pitch, top] = [840, 70, 34, 6]
  const labelWidth = labelColumn(
    rows.map((row) => row.label),
    240,
  )
  const x = (share: number) => px(labelWidth + share * (width - labelWidth - textWidth - 20))
  const bottom = top + rows.length * pitch
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<path class="grid" d="M${x(share)} ${top}V${bottom}"/><text class="tick" x="${x(share)}" y="${bottom + 18}" text-anchor="middle">${share * 100}%</text>`,
  )
  const lines = rows.map(({ interval, value, kind, text, label: name }, i) => {
    const y = top + i * pitch + pitch / 2
    const whisker =
      interval &&
      html`<path class="whisker ${kind}" d="M${x(interval[0])} ${y}H${x(interval[1])}M${x(interval[0])} ${y - 5}v10M${x(interval[1])} ${y - 5}v10"/>`
    return html`${svgLabel(name, { x: labelWidth - 12, y: y + 4, cells: 32 })}${whisker}<circle class="${kind}" cx="${x(value)}" cy="${y}" r="${kind === 'after' ? 6 : 5}"/><text class="num ${kind}" x="${width}" y="${y + 4}" text-anchor="end">${text}</text>`
  })
  return svg(width, bottom + 26, label, [grid, lines])
}
