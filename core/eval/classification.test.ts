import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import recorded from '../../tests/fixtures/metrics/reference.json' with { type: 'json' }
import type { ClassScore } from '../contract/domain/report.ts'
import { randomStream } from '../kit/index.ts'
import { type Answer, evaluateClassification, majorityLabel, quickScores } from './classification.ts'

interface Case {
  name: string
  labels: string[]
  gold: string[]
  predicted: string[]
  accuracy: number
  macroF1: number
  precision: number[]
  recall: number[]
  f1: number[]
  support: number[]
  confusion: number[][]
}
interface Paired {
  labels: string[]
  gold: string[]
  base: string[]
  tuned: string[]
  ci95: Record<'tuned' | 'base' | 'macroF1Difference' | 'accuracyDifference', [number, number]>
  onlyTunedRight: number
  onlyBaseRight: number
  p: number
}
const reference = recorded as unknown as { cases: Case[]; paired: Paired }

const answers = (gold: readonly string[], predicted: readonly string[]): Answer[] =>
  gold.map((label, i) => ({ rowId: `r${i}`, gold: label, predicted: predicted[i] as string }))

const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'no error'
}

describe('evaluateClassification against scikit-learn', () => {
  it.each(reference.cases)('$name', (c) => {
    const { tuned, withoutTestRows } = evaluateClassification({
      labels: c.labels,
      trainCounts: {},
      tuned: answers(c.gold, c.predicted),
      seed: 1,
    })
    expect(tuned.accuracy).toBeCloseTo(c.accuracy, 12)
    expect(tuned.macroF1).toBeCloseTo(c.macroF1, 12)
    const present = c.labels.flatMap((_, k) => (c.support[k] === 0 ? [] : [k]))
    const meanOf = (values: number[]) => present.reduce((sum, k) => sum + (values[k] as number), 0) / present.length
    expect(tuned.precision).toBeCloseTo(meanOf(c.precision), 12)
    expect(tuned.recall).toBeCloseTo(meanOf(c.recall), 12)
    expect(withoutTestRows).toEqual(c.labels.filter((_, k) => c.support[k] === 0))
    c.labels.forEach((label, k) => {
      c.labels.forEach((other, p) => {
        expect(tuned.confusion[label]?.[other] ?? 0).toBe(c.confusion[k]?.[p])
      })
      if (c.support[k] === 0) {
        expect(tuned.perClass).not.toHaveProperty([label])
        return
      }
      const score = tuned.perClass[label] as ClassScore
      expect(score.precision).toBeCloseTo(c.precision[k] as number, 12)
      expect(score.recall).toBeCloseTo(c.recall[k] as number, 12)
      expect(score.f1).toBeCloseTo(c.f1[k] as number, 12)
      expect(score.support).toBe(c.support[k])
      for (const [low, high] of [score.ci95.f1, score.ci95.recall]) {
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(high)
      }
    })
    expect(quickScores(c.labels, answers(c.gold, c.predicted))).toEqual({
      accuracy: tuned.accuracy,
      macroF1: tuned.macroF1,
      n: c.gold.length,
    })
  })
})

describe('paired comparison', () => {
  const { paired } = reference
  const input = {
    labels: paired.labels,
    trainCounts: { 'dept-2': 9, 'dept-0': 7 },
    base: answers(paired.gold, paired.base),
    tuned: answers(paired.gold, paired.tuned),
    seed: 7,
  }
  const result = evaluateClassification(input)

  it('gives the bootstrap intervals of an independent implementation within 0.01', () => {
    const close = (ours: readonly number[] | undefined, theirs: readonly number[]) => {
      expect(Math.abs((ours?.[0] ?? Number.NaN) - (theirs[0] as number))).toBeLessThan(0.01)
      expect(Math.abs((ours?.[1] ?? Number.NaN) - (theirs[1] as number))).toBeLessThan(0.01)
    }
    close(result.tuned.ci95.macroF1, paired.ci95.tuned)
    close(result.base?.ci95.macroF1, paired.ci95.base)
    close(result.comparison?.macroF1.ci95, paired.ci95.macroF1Difference)
    close(result.comparison?.accuracy.ci95, paired.ci95.accuracyDifference)
  })

  it('counts the rows that changed sides and gives the exact p', () => {
    const { onlyTunedRight, onlyBaseRight, bothRight, bothWrong, p } =
      result.comparison?.mcnemar ?? expect.unreachable()
    expect([onlyTunedRight, onlyBaseRight]).toEqual([paired.onlyTunedRight, paired.onlyBaseRight])
    expect(bothRight + bothWrong + onlyTunedRight + onlyBaseRight).toBe(paired.gold.length)
    expect(Math.abs(p / paired.p - 1)).toBeLessThan(1e-9)
  })

  it('measures the majority rule on the largest training class', () => {
    expect(result.majority.label).toBe('dept-2')
    const rows = paired.gold.filter((g) => g === 'dept-2').length
    expect(result.majority.accuracy).toBe(rows / paired.gold.length)
    expect(result.majority.perClass['dept-0']?.ci95.precision).toBeUndefined()
  })

  it('does not depend on the order of the base rows, and repeats exactly', () => {
    const again = evaluateClassification({ ...input, base: input.base.toReversed() })
    expect(again).toEqual(result)
    expect(evaluateClassification({ ...input, seed: 8 }).tuned.ci95.macroF1).not.toEqual(result.tuned.ci95.macroF1)
  })

  it('differs from base by exactly nothing when both answered alike', () => {
    const same = evaluateClassification({ ...input, base: input.tuned })
    expect(same.comparison?.macroF1).toEqual({ difference: 0, ci95: [0, 0] })
    expect(same.comparison?.mcnemar.p).toBe(1)
  })
})

describe('rows and labels that cannot be counted', () => {
  const labels = ['a', 'b']
  const good = answers(['a', 'b'], ['a', 'a'])
  const run = (change: object) =>
    codeOf(() => evaluateClassification({ labels, trainCounts: {}, tuned: good, seed: 1, ...change }))

  it('names each cause', () => {
    expect(run({})).toBe('no error')
    expect(run({ tuned: [] })).toBe('evaluation.rows.empty')
    expect(run({ tuned: [...good, good[0]] })).toBe('evaluation.rows.duplicate')
    expect(run({ labels: ['a'] })).toBe('evaluation.labels.invalid')
    expect(run({ labels: ['a', 'b', 'a'] })).toBe('evaluation.labels.invalid')
    expect(run({ tuned: answers(['c'], ['a']) })).toBe('evaluation.label.unknown')
    expect(run({ tuned: answers(['a'], ['c']) })).toBe('evaluation.label.unknown')
    expect(run({ base: good.slice(1) })).toBe('evaluation.rows.mismatch')
    expect(run({ base: [...good, { rowId: 'x', gold: 'a', predicted: 'a' }] })).toBe('evaluation.rows.mismatch')
    expect(run({ base: answers(['b', 'b'], ['a', 'a']) })).toBe('evaluation.rows.mismatch')
  })

  it('takes labels that are names of object members', () => {
    const odd = ['__proto__', 'constructor', '7', '']
    const { tuned } = evaluateClassification({
      labels: odd,
      trainCounts: {},
      tuned: answers([...odd, '__proto__'], [...odd, 'constructor']),
      seed: 1,
    })
    expect(Object.keys(tuned.perClass).sort()).toEqual([...odd].sort())
    const scores = new Map(Object.entries(tuned.perClass))
    expect(scores.get('constructor')?.precision).toBe(0.5)
    const lines = new Map(Object.entries(tuned.confusion))
    expect(Object.entries(lines.get('__proto__') ?? {})).toContainEqual(['constructor', 1])
    expect(majorityLabel(odd, {})).toBe('__proto__')
  })
})

describe('properties', () => {
  const labels = ['a', 'b', 'c', 'd']
  const rows = fc.array(fc.tuple(fc.constantFrom(...labels), fc.constantFrom(...labels)), {
    minLength: 1,
    maxLength: 40,
  })

  it('accuracy is the support-weighted recall, and micro counts add up', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const gold = pairs.map(([g]) => g)
        const { tuned } = evaluateClassification({
          labels,
          trainCounts: {},
          tuned: answers(
            gold,
            pairs.map(([, p]) => p),
          ),
          seed: 3,
        })
        const scores = Object.values(tuned.perClass)
        expect(scores.reduce((sum, s) => sum + s.recall * s.support, 0) / gold.length).toBeCloseTo(tuned.accuracy, 12)
        expect(scores.reduce((sum, s) => sum + s.f1, 0) / scores.length).toBeCloseTo(tuned.macroF1, 12)
        const cells = Object.values(tuned.confusion).flatMap((line) => Object.values(line))
        expect(cells.reduce((a, b) => a + b, 0)).toBe(gold.length)
        const [low, high] = tuned.ci95.accuracy
        expect(low <= tuned.accuracy && tuned.accuracy <= high).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

it('measures 10,000 rows of 77 classes, base and tuned, in seconds', () => {
  const stream = randomStream(5, 'test')
  const labels = Array.from({ length: 77 }, (_, k) => `class ${k}`)
  const gold = Array.from({ length: 10_000 }, () => labels[stream.int(77)] as string)
  const noisy = (right: number) => gold.map((g) => (stream.float() < right ? g : (labels[stream.int(77)] as string)))
  const started = performance.now()
  const result = evaluateClassification({
    labels,
    trainCounts: {},
    base: answers(gold, noisy(0.3)),
    tuned: answers(gold, noisy(0.9)),
    seed: 1,
  })
  expect(performance.now() - started).toBeLessThan(20_000)
  // The normal approximation is good at this size.
  const half = ((result.comparison?.accuracy.ci95[1] ?? 0) - (result.comparison?.accuracy.ci95[0] ?? 0)) / 2
  const { onlyTunedRight: b, onlyBaseRight: c } = result.comparison?.mcnemar ?? expect.unreachable()
  expect(half / (1.96 * Math.sqrt((b + c) / 1e8 - ((b - c) / 1e4) ** 2 / 1e4))).toBeCloseTo(1, 1)
})
