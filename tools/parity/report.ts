/**
 * One compared quantity. `error` is the table's measure for it; where values must be equal it is the number of
 * differences. A result of the wrong size, or one that is no number, fails and shows as `null` in JSON.
 */
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
  /** Absolute path. */
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
  readonly #covered = new Set<string>()
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

  /**
   * For a recorded quantity that this version does not compute; docs/support.md must name it as a gap. `tensors` are
   * recorded values that belong to it under other names.
   */
  skip(name: string, why: string, tensors: readonly string[] = []): void {
    if (!this.#skipped.some((s) => s.name === name)) this.#skipped.push({ name, why })
    for (const tensor of [name, ...tensors]) this.#covered.add(tensor)
  }

  /** Names what was recorded and neither read by a check nor skipped, so that nothing is left out silently. */
  account(unread: readonly string[]): void {
    for (const name of unread) {
      if (!this.#covered.has(name)) this.skip(name, 'recorded, but this version knows no check for it')
    }
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

/** |a − b|₂ / |b|₂. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let apart = 0
  let length = 0
  for (let i = 0; i < expected.length; i++) {
    apart += (actual[i]! - expected[i]!) ** 2
    length += expected[i]! ** 2
  }
  return length === 0 ? Math.sqrt(apart) : Math.sqrt(apart / length)
}

/** Number of places where two lists differ. */
export function differences(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let count = Math.abs(actual.length - expected.length)
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) if (actual[i] !== expected[i]) count++
  return count
}
