import type { Interval } from '../contract/domain/report.ts'
import { invariant, randomStream } from '../kit/index.ts'
import { accuracyOf, countClasses, emptyCounts, f1Of, macroOf, precisionOf, recallOf } from './counts.ts'
import { percentileInterval95 } from './intervals.ts'

export const DEFAULT_RESAMPLES = 2000

/** Where the resamples come from: equal settings and row count give equal draws. */
export interface BootstrapSettings {
  seed: number
  resamples: number
}

/**
 * Draws `resamples` sets of n rows with replacement and hands each to `use`. The array is reused between calls.
 * All systems measured inside one `use` see the same rows, which is what pairs them.
 */
export function resample(n: number, settings: BootstrapSettings, use: (rows: Int32Array, r: number) => void): void {
  invariant(settings.resamples >= 2000, 'a 95 % percentile interval needs at least 2,000 resamples')
  const stream = randomStream(settings.seed, 'evaluation', 'bootstrap')
  const rows = new Int32Array(n)
  for (let r = 0; r < settings.resamples; r++) {
    for (let i = 0; i < n; i++) rows[i] = stream.int(n)
    use(rows, r)
  }
}

/** Values of the statistics of one system over all resamples. */
export interface ResampledSystem {
  accuracy: Float64Array
  macroF1: Float64Array
  precision: Float64Array
  recall: Float64Array
  /** [K][R]; NaN where a resample holds no row of the class. */
  f1: Float64Array[]
}

/** Percentile bootstrap of several systems on the same rows: one shared draw, so differences are paired. */
export function resampleSystems(
  gold: Int32Array,
  systems: readonly Int32Array[],
  K: number,
  settings: BootstrapSettings,
): ResampledSystem[] {
  const R = settings.resamples
  const counts = emptyCounts(K)
  const out = systems.map(() => ({
    accuracy: new Float64Array(R),
    macroF1: new Float64Array(R),
    precision: new Float64Array(R),
    recall: new Float64Array(R),
    f1: Array.from({ length: K }, () => new Float64Array(R)),
  }))
  resample(gold.length, settings, (rows, r) => {
    systems.forEach((answered, s) => {
      const system = out[s] as ResampledSystem
      countClasses(counts, gold, answered, rows)
      system.accuracy[r] = accuracyOf(counts)
      system.macroF1[r] = macroOf(counts, f1Of)
      system.precision[r] = macroOf(counts, precisionOf)
      system.recall[r] = macroOf(counts, recallOf)
      for (let k = 0; k < K; k++) system.f1[k]![r] = counts.support[k] === 0 ? Number.NaN : f1Of(counts, k)
    })
  })
  return out
}

/** 95 % percentile interval over the resamples where the statistic exists; `fallback` when it exists in none. */
export function intervalOf(values: Float64Array, fallback: number): Interval {
  const defined = values.filter((v) => !Number.isNaN(v))
  return defined.length === 0 ? [fallback, fallback] : percentileInterval95(defined)
}

/** Interval of second minus first, resample by resample. */
export function differenceInterval(first: Float64Array, second: Float64Array, fallback: number): Interval {
  return intervalOf(
    second.map((v, r) => v - (first[r] as number)),
    fallback,
  )
}
