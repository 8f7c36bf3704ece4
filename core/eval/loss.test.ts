import { describe, expect, it } from 'vitest'
import recorded from '../../tests/fixtures/metrics/reference.json' with { type: 'json' }
import { evaluateLoss, type RowLoss } from './loss.ts'

const { losses } = recorded as unknown as {
  losses: {
    tokens: number[]
    base: number[]
    tuned: number[]
    loss: { base: number; tuned: number }
    ci95: Record<'base' | 'tuned' | 'difference', [number, number]>
  }
}
const rows = (sums: number[]): RowLoss[] =>
  sums.map((lossSum, i) => ({ rowId: `r${i}`, lossSum, tokens: losses.tokens[i] as number }))

describe('evaluateLoss', () => {
  const result = evaluateLoss({ base: rows(losses.base).toReversed(), tuned: rows(losses.tuned), seed: 3 })

  it('equals the token-weighted mean and the intervals of an independent implementation', () => {
    expect(result.base?.loss).toBeCloseTo(losses.loss.base, 12)
    expect(result.tuned.loss).toBeCloseTo(losses.loss.tuned, 12)
    expect(result.tuned.perplexity).toBeCloseTo(Math.exp(losses.loss.tuned), 10)
    for (const [ours, theirs] of [
      [result.base?.ci95.loss, losses.ci95.base],
      [result.tuned.ci95.loss, losses.ci95.tuned],
      [result.comparison?.loss.ci95, losses.ci95.difference],
    ] as const) {
      expect(Math.abs((ours?.[0] ?? Number.NaN) - theirs[0])).toBeLessThan(0.03)
      expect(Math.abs((ours?.[1] ?? Number.NaN) - theirs[1])).toBeLessThan(0.03)
    }
    const fell = losses.tuned.filter((loss, i) => loss < (losses.base[i] as number)).length
    expect(result.comparison?.rowsBetter).toBe(fell)
  })

  it('needs no base', () => {
    const alone = evaluateLoss({ tuned: rows(losses.tuned), seed: 3 })
    expect(alone.tuned).toEqual(result.tuned)
    expect(alone.comparison).toBeUndefined()
  })

  const one: RowLoss = { rowId: 'r0', lossSum: 1, tokens: 2 }
  it.each([
    ['evaluation.rows.empty', { tuned: [] }],
    ['evaluation.rows.duplicate', { tuned: [one, one] }],
    ['evaluation.rows.mismatch', { tuned: [one], base: [{ ...one, rowId: 'x' }] }],
    ['evaluation.tokens.none', { tuned: [{ ...one, tokens: 0 }] }],
    ['evaluation.score.not_finite', { tuned: [{ ...one, lossSum: Number.NaN }] }],
  ])('refuses with %s', (code, input) => {
    expect(() => evaluateLoss({ seed: 1, ...input })).toThrow(expect.objectContaining({ code }))
  })
})
