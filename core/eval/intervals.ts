import type { Interval } from '../contract/domain/report.ts'
import { invariant } from '../kit/index.ts'

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z95 = 1.959963984540054

/**
 * Wilson score interval (1927) of a proportion at 95 %, without continuity correction.
 * With no trials nothing is known: [0, 1].
 */
export function wilson95(successes: number, trials: number): Interval {
  invariant(successes >= 0 && successes <= trials, `wilson95(${successes}, ${trials})`)
  if (trials === 0) return [0, 1]
  const share = successes / trials
  const z2 = Z95 * Z95
  const centre = share + z2 / (2 * trials)
  const half = Z95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))
  const scale = 1 + z2 / trials
  // The bounds at 0 and n successes are exact; rounding must not push them past the ends.
  const low = successes === 0 ? 0 : Math.max(0, (centre - half) / scale)
  const high = successes === trials ? 1 : Math.min(1, (centre + half) / scale)
  return [low, high]
}

/** Percentile `q` (0..1) of ascending values by linear interpolation (Hyndman and Fan's type 7, the default of numpy). */
export function percentile(sorted: ArrayLike<number>, q: number): number {
  invariant(sorted.length > 0 && q >= 0 && q <= 1, `percentile of ${sorted.length} values at ${q}`)
  const position = (sorted.length - 1) * q
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (position - below)
}

/** The middle 95 % of the values (sorts them in place). */
export function percentileInterval95(values: Float64Array): Interval {
  values.sort()
  return [percentile(values, 0.025), percentile(values, 0.975)]
}

/**
 * Exact two-sided p of McNemar's test: among the rows that changed sides, how likely a split at least this uneven is if
 * both directions were equally likely, i.e. min(1, 2·P[X ≤ min(b, c)]), X ~ Binomial(b + c, ½).
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond
  const smaller = Math.min(onlyFirst, onlySecond)
  if (onlyFirst === onlySecond) return 1
  // Sum of C(n, k) / 2^n for k = 0..smaller, in logarithms because C(n, k) leaves double range beyond n = 1029.
  let logTerm = -n * Math.LN2
  let logSum = logTerm
  for (let k = 1; k <= smaller; k++) {
    logTerm += Math.log((n - k + 1) / k)
    logSum = logTerm + Math.log1p(Math.exp(logSum - logTerm))
  }
  return Math.min(1, 2 * Math.exp(logSum))
}
