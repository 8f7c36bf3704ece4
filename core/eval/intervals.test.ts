import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import recorded from '../../tests/fixtures/metrics/reference.json' with { type: 'json' }
import { mcnemarExact, percentile, wilson95 } from './intervals.ts'

interface Reference {
  mcnemar: { b: number; c: number; p: number }[]
  percentiles: { values: number[]; q: number; value: number }[]
}
const reference = recorded as unknown as Reference

describe('wilson95', () => {
  // Newcombe (1998), Statistics in Medicine 17:857–872, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval of %i in %i', (successes, trials, low, high) => {
    const [a, b] = wilson95(successes, trials)
    expect(a).toBeCloseTo(low, 4)
    expect(b).toBeCloseTo(high, 4)
  })

  it('knows nothing without trials and keeps the exact ends', () => {
    expect(wilson95(0, 0)).toEqual([0, 1])
    expect(wilson95(0, 7)[0]).toBe(0)
    expect(wilson95(7, 7)[1]).toBe(1)
  })

  it('solves the score equation at both bounds', () => {
    const sample = fc
      .integer({ min: 1, max: 5000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
    fc.assert(
      fc.property(sample, ([k, n]) => {
        const [low, high] = wilson95(k, n)
        const score = (p: number) => (k / n - p) ** 2 * n - 1.959963984540054 ** 2 * p * (1 - p)
        expect(low).toBeLessThanOrEqual(k / n)
        expect(high).toBeGreaterThanOrEqual(k / n)
        if (k > 0) expect(Math.abs(score(low))).toBeLessThan(1e-9 * n)
        if (k < n) expect(Math.abs(score(high))).toBeLessThan(1e-9 * n)
      }),
    )
  })

  it('refuses impossible counts as a defect', () => {
    expect(() => wilson95(3, 2)).toThrow('internal.invariant')
  })
})

describe('percentile', () => {
  it('equals numpy', () => {
    for (const { values, q, value } of reference.percentiles) expect(percentile(values, q)).toBeCloseTo(value, 12)
  })
})

describe('mcnemarExact', () => {
  it.each(reference.mcnemar)('equals the exact binomial test for $b : $c', ({ b, c, p }) => {
    expect(Math.abs(mcnemarExact(b, c) - p)).toBeLessThanOrEqual(1e-9 * p)
  })

  it('is symmetric and a probability', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), (b, c) => {
        const p = mcnemarExact(b, c)
        expect(p).toBe(mcnemarExact(c, b))
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
      }),
    )
  })
})
