/** One compared quantity. `error` is the table's measure for it; a hash-like check has error 0 or the number of differences. */
export interface Check {
  readonly name: string
  readonly error: number
  readonly limit: number
  readonly ok: boolean
}

export interface Skipped {
  readonly name: string
  readonly why: string
}

export interface ParityReport {
  readonly folder: string
  readonly family: string
  readonly checks: readonly Check[]
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Skipped[]
}

/** Collects checks under unique names and closes with the counts. */
export class Report {
  readonly #checks: Check[] = []
  readonly #skipped: Skipped[] = []
  readonly folder: string
  readonly family: string

  constructor(folder: string, family: string) {
    this.folder = folder
    this.family = family
  }

  /** NaN never passes: the comparison is written so that it fails. */
  add(name: string, error: number, limit: number): void {
    this.#checks.push({ name, error, limit, ok: error <= limit })
  }

  /** For values that must be equal: the number of differences, limit 0. */
  equal(name: string, differences: number): void {
    this.add(name, differences, 0)
  }

  skip(name: string, why: string): void {
    this.#skipped.push({ name, why })
  }

  finish(): ParityReport {
    const failed = this.#checks.filter((c) => !c.ok).length
    return {
      folder: this.folder,
      family: this.family,
      checks: this.#checks,
      passed: this.#checks.length - failed,
      failed,
      skipped: this.#skipped,
    }
  }
}

/** max|a − b| / max|b| over the whole tensor; a different length is infinitely wrong. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!)
    if (Number.isNaN(d)) return Number.NaN
    difference = Math.max(difference, d)
    largest = Math.max(largest, Math.abs(expected[i]!))
  }
  return largest === 0 ? difference : difference / largest
}

/** max|a − b|. */
export function absoluteError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!)
    if (Number.isNaN(d)) return Number.NaN
    worst = Math.max(worst, d)
  }
  return worst
}

/** Number of places where two lists differ. */
export function differences(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let count = Math.abs(actual.length - expected.length)
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) if (actual[i] !== expected[i]) count++
  return count
}
