import { type Html, html, type Part } from '../html.ts'
import { logTicks, niceTicks, px, svg, tickText } from './svg.ts'

/** A curve of one value a step, with points measured now and then beside it. */
export interface CurveInput {
  values: readonly number[]
  /** Also draw a smoothed line. */
  smooth?: boolean
  points?: readonly { step: number; value: number }[]
  log?: boolean
  height: number
  label: string
  /** Writes the tick of the last step. */
  stepLabel: (step: number) => string
}

const WIDTH = 840
const LEFT = 56
/** More steps are averaged in buckets, so that a drawing stays small. */
const POINTS_DRAWN = 420

/** A loss that falls tenfold or more is told better by ratios. */
export function wantsLog(values: readonly number[]): boolean {
  const finite = values.filter((value) => value > 0 && Number.isFinite(value))
  return (
    finite.length === values.length &&
    finite.length > 1 &&
    Math.max(...extremes(finite)) / Math.min(...extremes(finite)) >= 10
  )
}

export function curveChart(input: CurveInput): Html {
  const { values, height, points = [] } = input
  const drawn = points.map(({ value }) => value)
  const [low, high] = extremes([...values, ...drawn])
  const scale = input.log ? Math.log10 : (value: number) => value
  const ticks = input.log ? logTicks(low, high) : niceTicks(Math.min(0, low), high, height > 150 ? 5 : 2)
  const [bottom, from, to] = [height - 26, scale(ticks[0] as number), scale(ticks.at(-1) as number)]
  const x = (step: number) => px(LEFT + ((WIDTH - LEFT - 8) * (step - 1)) / Math.max(1, values.length - 1))
  const y = (value: number) => px(bottom - ((scale(value) - from) / (to - from || 1)) * (bottom - 8))

  const grid = ticks.map(
    (tick) =>
      html`<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - 8}"/><text class="tick" x="${LEFT - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
  )
  const raw = line(bucketed(values), x, y)
  const lines: Part = input.smooth
    ? [html`<path class="raw" d="${raw}"/>`, html`<path class="smooth" d="${line(bucketed(smoothed(values)), x, y)}"/>`]
    : html`<path class="smooth" d="${raw}"/>`
  const dots = points.map(({ step, value }) => html`<circle class="dot" cx="${x(step)}" cy="${y(value)}" r="3.5"/>`)
  return svg(WIDTH, height, input.label, [grid, stepTicks(values.length, x, bottom, input.stepLabel), lines, dots])
}

function stepTicks(steps: number, x: (step: number) => number, bottom: number, label: CurveInput['stepLabel']): Part {
  const inner = niceTicks(1, steps, 8).filter((tick) => tick > 1 && tick < steps && Number.isInteger(tick))
  // A tick too near the end would run into the last figure.
  const shown = [1, ...inner.filter((tick) => x(steps) - x(tick) > 52), ...(steps > 1 ? [steps] : [])]
  return shown.map((step, i) => {
    const last = i === shown.length - 1
    return html`<text class="tick" x="${x(step)}" y="${bottom + 18}" text-anchor="${last && i > 0 ? 'end' : 'middle'}">${last ? label(step) : step}</text>`
  })
}

/** [smallest, largest] without spreading a long list into arguments. */
function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** Centred moving average over about a twelfth of the run; the window is cut at both ends. */
function smoothed(values: readonly number[]): number[] {
  const widest = Math.max(1, Math.min(40, Math.round(values.length / 24)))
  const sums = [0]
  for (const value of values) sums.push((sums.at(-1) as number) + value)
  return values.map((_value, i) => {
    const [from, to] = [Math.max(0, i - widest), Math.min(values.length, i + widest + 1)]
    return ((sums[to] as number) - (sums[from] as number)) / (to - from)
  })
}

/** (step, mean) of at most POINTS_DRAWN buckets; steps count from 1. */
function bucketed(values: readonly number[]): [step: number, value: number][] {
  const size = Math.ceil(values.length / POINTS_DRAWN)
  if (size <= 1) return values.map((value, i) => [i + 1, value])
  const buckets = Math.ceil(values.length / size)
  return Array.from({ length: buckets }, (_, b) => {
    const part = values.slice(b * size, (b + 1) * size)
    return [b * size + 1 + (part.length - 1) / 2, part.reduce((a, c) => a + c, 0) / part.length]
  })
}

function line(points: readonly [number, number][], x: (step: number) => number, y: (value: number) => number): string {
  return points.map(([step, value], i) => `${i === 0 ? 'M' : 'L'}${x(step)} ${y(value)}`).join('')
}
