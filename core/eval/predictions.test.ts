import { describe, expect, it } from 'vitest'
import type { Prediction } from './encode.ts'
import { changedPredictions, worstPredictions } from './predictions.ts'
import { pickLabel } from './scoring.ts'

const row = (rowId: string, gold: string, scores: Record<string, number>): Prediction => {
  const predicted = Object.entries(scores).reduce((a, b) => (b[1] > a[1] ? b : a))[0]
  return { rowId, gold, predicted, scores }
}

describe('pickLabel', () => {
  const logProbs = { yes: [-1], 'certainly not': [-0.6, -0.6, -0.6] }

  it('sums or averages the tokens of a label', () => {
    expect(pickLabel(logProbs, 'sum')).toEqual({
      predicted: 'yes',
      scores: { yes: -1, 'certainly not': expect.closeTo(-1.8, 12) },
    })
    expect(pickLabel(logProbs, 'mean').predicted).toBe('certainly not')
  })

  it('takes the first of equal labels', () => {
    expect(pickLabel({ b: [-1], a: [-0.5, -0.5] }, 'sum').predicted).toBe('b')
  })

  it.each([
    ['feature.unavailable', logProbs, 'calibrated'],
    ['evaluation.labels.invalid', {}, 'sum'],
    ['evaluation.tokens.none', { a: [] }, 'sum'],
    ['evaluation.score.not_finite', { a: [-1], b: [Number.NaN] }, 'mean'],
    ['evaluation.score.not_finite', { a: [Number.NEGATIVE_INFINITY] }, 'sum'],
  ] as const)('refuses with %s', (code, input, mode) => {
    expect(() => pickLabel(input, mode)).toThrow(expect.objectContaining({ code }))
  })
})

describe('worstPredictions', () => {
  it('lists confident errors first and leaves right answers out', () => {
    const worst = worstPredictions([
      row('slight', 'a', { a: -1.1, b: -1 }),
      row('right', 'a', { a: 0, b: -9 }),
      row('gross', 'b', { a: -0.01, b: -8 }),
    ])
    expect(worst.map((w) => w.rowId)).toEqual(['gross', 'slight'])
    expect(worst[0]).toMatchObject({ predicted: 'a', gold: 'b', margin: expect.closeTo(7.99, 12) })
    expect(worst[0]?.confidence).toBeCloseTo(1 / (1 + Math.exp(-7.99)), 12)
    expect(worstPredictions([row('x', 'a', { a: -3, b: -1 })], 0)).toEqual([])
  })

  it('stays finite for scores far apart', () => {
    expect(worstPredictions([row('far', 'b', { a: -1, b: -2000 })])[0]?.confidence).toBe(1)
  })

  it('refuses missing and infinite scores', () => {
    const missing: Prediction = { rowId: 'm', gold: 'b', predicted: 'a', scores: { a: -1 } }
    expect(() => worstPredictions([missing])).toThrow(expect.objectContaining({ code: 'evaluation.score.missing' }))
    expect(() => worstPredictions([row('n', 'b', { a: 0, b: Number.NaN })])).toThrow(
      expect.objectContaining({ code: 'evaluation.score.not_finite' }),
    )
  })
})

describe('changedPredictions', () => {
  it('splits the rows whose verdict changed and keeps totals beyond the limit', () => {
    const base = [
      row('1', 'a', { a: -2, b: -1 }),
      row('2', 'a', { a: -1, b: -2 }),
      row('3', 'b', { a: -1, b: -2 }),
      row('4', 'a', { a: 0, b: -1 }),
    ]
    const tuned = [
      row('4', 'a', { a: 0, b: -9 }),
      row('3', 'b', { a: -9, b: 0 }),
      row('2', 'a', { a: -3, b: -1 }),
      row('1', 'a', { a: 0, b: -1 }),
    ]
    const { better, worse, betterTotal, worseTotal } = changedPredictions(base, tuned, 1)
    expect(better.map((r) => r.rowId)).toEqual(['3'])
    expect(worse).toEqual([
      { rowId: '2', gold: 'a', base: 'a', tuned: 'b', confidence: expect.closeTo(1 / (1 + Math.exp(-2)), 12) },
    ])
    expect([betterTotal, worseTotal]).toEqual([2, 1])
  })
})
