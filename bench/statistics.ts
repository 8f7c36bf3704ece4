/** Steps at the start of every run that do not count: first touch of memory, arenas that still grow. */
export const EXCLUDED_STEPS = 2

/** The middle value; the mean of the two middle ones for an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** One finished training step. */
export interface Step {
  readonly rows: number
  /** Real tokens, never padding. */
  readonly tokens: number
  readonly seconds: number
}

/** Rates of the steps that count; rates are totals over wall time, so slow steps weigh what they cost. */
export interface Pace {
  readonly steps: number
  readonly secondsPerStep: number
  readonly rowsPerSecond: number
  readonly tokensPerSecond: number
}

/** @returns null when no step is left after the excluded ones */
export function paceOf(steps: readonly Step[]): Pace | null {
  const counted = steps.slice(EXCLUDED_STEPS)
  if (counted.length === 0) return null
  const seconds = sum(counted.map((s) => s.seconds))
  return {
    steps: counted.length,
    secondsPerStep: median(counted.map((s) => s.seconds)),
    rowsPerSecond: sum(counted.map((s) => s.rows)) / seconds,
    tokensPerSecond: sum(counted.map((s) => s.tokens)) / seconds,
  }
}
