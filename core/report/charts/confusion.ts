import { type Html, html } from '../html.ts'
import { labelColumn, px, svg, svgLabel } from './svg.ts'

/** More classes than this cannot be read as a matrix. */
export const MATRIX_LIMIT = 100
const NAMED_COLUMNS = 16

export interface Cell {
  gold: number
  predicted: number
  rows: number
  /** Share of the gold class's test rows, 0..1. */
  share: number
  /** Said on hover. */
  title: string
}

/** True when the columns carry numbers instead of names. */
export const columnsNumbered = (K: number): boolean => K > NAMED_COLUMNS

/** Heat map of a confusion matrix: right answers in the accent colour, errors in ink, darker = larger share. */
export function confusionMatrix(labels: readonly string[], cells: readonly Cell[], label: string): Html {
  const K = labels.length
  const numbered = columnsNumbered(K)
  // Slanted names rise by sin 42° of their length.
  const left = Math.ceil(numbered ? labelColumn(labels, 180) + 22 : labelColumn(labels, 210))
  // As large as the page allows; 44 is enough for a number.
  const size = Math.min(44, Math.floor(((836 - left) / K) * 10) / 10)
  const font = px(Math.max(6.4, Math.min(12, size * 0.86)))
  const side = K * size
  const top = numbered ? 16 : 14 + Math.ceil(labelColumn(labels, 115) * 0.67)
  const every = size >= 13 ? 1 : 5
  const heads = labels.map((name, k) => {
    const x = left + k * size + size / 2
    if (numbered) {
      const show = k === 0 || (k + 1) % every === 0
      return (
        show &&
        html`<text class="tick" x="${px(x)}" y="${top - 5}" text-anchor="middle" style="font-size:${font}px">${k + 1}</text>`
      )
    }
    const y = top - 8
    return svgLabel(name, { x, y, cells: 15, anchor: 'start', extra: html` transform="rotate(-42 ${px(x)} ${y})"` })
  })
  const sides = labels.map((name, k) => {
    const y = top + k * size + size / 2 + font * 0.36
    const cellsForName = Math.floor((left - (numbered ? 30 : 10)) / (font * 0.56))
    const number =
      numbered &&
      html`<text class="tick" x="${left - 8}" y="${px(y)}" text-anchor="end" style="font-size:${font}px">${k + 1}</text>`
    return html`${number}${svgLabel(name, { x: numbered ? left - 28 : left - 10, y, cells: cellsForName, extra: html` style="font-size:${font}px"` })}`
  })
  const gap = size > 14 ? 1.5 : 0.6
  const squares = cells.map(({ gold, predicted, rows, share, title }) => {
    const [x, y] = [left + predicted * size, top + gold * size]
    const kind = gold === predicted ? 'right' : 'wrong'
    const written =
      size >= 19 &&
      html`<text class="${share > 0.45 ? 'on' : 'off'}" x="${px(x + size / 2)}" y="${px(y + size / 2 + 4)}" text-anchor="middle">${rows}</text>`
    return html`<g><rect class="${kind}" x="${px(x)}" y="${px(y)}" width="${px(size - gap)}" height="${px(size - gap)}" fill-opacity="${px(0.08 + 0.92 * share)}"/>${written}<title>${title}</title></g>`
  })
  const frame = html`<rect class="frame" x="${left - 1}" y="${top - 1}" width="${px(side + 2 - gap)}" height="${px(side + 2 - gap)}"/>`
  return svg(840, top + side + 4, label, [frame, heads, sides, squares])
}
