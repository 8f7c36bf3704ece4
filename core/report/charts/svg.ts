import { type Html, html, type Part } from '../html.ts'
import { clip, displayWidth, fitWidth, visibleText } from '../visible.ts'

/** Coordinates with at most two digits, so that drawings stay small. */
export const px = (value: number): number => Math.round(value * 100) / 100

/** A drawing that scales with the page; `label` is what a screen reader says. */
export function svg(width: number, height: number, label: string, body: Part): Html {
  return html`<svg viewBox="0 0 ${px(width)} ${px(height)}" role="img" aria-label="${label}">${body}</svg>`
}

/** A label of data cut to `cells` half-width characters; the whole label appears on hover. */
export function svgLabel(
  label: string,
  at: { x: number; y: number; cells: number; anchor?: string; extra?: Html },
): Html {
  const whole = clip(label, 120)
  const shown = fitWidth(visibleText(whole), at.cells)
  return html`<text x="${px(at.x)}" y="${px(at.y)}" text-anchor="${at.anchor ?? 'end'}"${at.extra}>${shown}<title>${whole}</title></text>`
}

/** Width of the column that holds the labels, as narrow as they allow; one cell is about 7 units at the usual size. */
export function labelColumn(labels: readonly string[], most: number): number {
  const cells = labels.reduce((widest, label) => Math.max(widest, displayWidth(visibleText(clip(label, 60)))), 4)
  return Math.min(most, cells * 7.2 + 12)
}

/** Round steps (1, 2, 2.5, 5 × 10^k) that cover [low, high] in about `count` parts. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low || Math.abs(high) || 1
  const rough = span / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

/** 1-2-5 ticks of a logarithmic axis that covers [low, high]; both above zero. */
export function logTicks(low: number, high: number): number[] {
  const out: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const m of [1, 2, 5]) out.push(m * 10 ** power)
  }
  const first = out.findLastIndex((tick) => tick <= low * 1.0001)
  const last = out.findIndex((tick) => tick >= high * 0.9999)
  return out.slice(Math.max(0, first), last + 1)
}

/** Shortest text of a tick. */
export const tickText = (value: number): string => {
  if (value === 0) return '0'
  return Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5
    ? value.toExponential().replace('e+', 'e').replace('e-', 'e−')
    : String(Number(value.toPrecision(6)))
}
