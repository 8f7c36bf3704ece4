import { describe, expect, it } from 'vitest'
import { runResultSchema } from './result.ts'

/** The documented example, filled with possible values. */
const EXAMPLE = {
  project: 'p',
  run: 'r',
  data: {
    rows: 10,
    trainRows: 6,
    validationRows: 0,
    testRows: 2,
    classes: { a: 3, b: 3 },
    ratioBefore: 2,
    ratioAfter: 1,
    personalData: {},
    duplicatesRemoved: 0,
    leaksRemoved: 0,
    tooLong: 0,
  },
  privacy: { scanned: false, acceptedBy: null },
  train: {
    steps: 1,
    epochs: 1,
    losses: [0.5],
    learningRates: [1e-4],
    gradNorms: [1],
    rowsPerSecond: 1,
    tokensPerSecond: 1,
    supervisedTokens: 1,
    seconds: 1,
    peakMemoryBytes: 1,
    trainableParameters: 1,
    precision: 'int8',
    device: 'cpu',
  },
  evaluation: {
    base: { accuracy: 0.3, macroF1: 0.2, n: 2, ci95: { accuracy: [0.1, 0.5] } },
    tuned: {
      accuracy: 0.9,
      macroF1: 0.9,
      n: 2,
      ci95: { accuracy: [0.8, 1] },
      perClass: { a: { precision: 1, recall: 1, f1: 1, support: 1 } },
      confusion: { a: { a: 1 } },
    },
  },
  artifacts: { peft: '/x/peft', bundle: '/x/p.airlock', report: '/x/report.html' },
  planHash: 'a'.repeat(64),
}

describe('runResultSchema', () => {
  it('takes the documented result and keeps additions', () => {
    expect(runResultSchema.parse(EXAMPLE)).toEqual(EXAMPLE)
    const extended = { ...EXAMPLE, later: 1, data: { ...EXAMPLE.data, nearLeaks: 3 } }
    expect(runResultSchema.parse(extended)).toEqual(extended)
    expect(runResultSchema.safeParse({ ...EXAMPLE, evaluation: null }).success).toBe(true)
  })

  it.each(['project', 'run', 'data', 'privacy', 'train', 'evaluation', 'artifacts', 'planHash'])('needs %s', (key) => {
    const { [key as keyof typeof EXAMPLE]: _left, ...rest } = EXAMPLE
    expect(runResultSchema.safeParse(rest).success).toBe(false)
  })

  it('refuses impossible numbers', () => {
    const bad = [
      { ...EXAMPLE, data: { ...EXAMPLE.data, rows: -1 } },
      { ...EXAMPLE, train: { ...EXAMPLE.train, losses: [Number.NaN] } },
      { ...EXAMPLE, evaluation: { ...EXAMPLE.evaluation, tuned: { ...EXAMPLE.evaluation.tuned, accuracy: 1.1 } } },
      { ...EXAMPLE, planHash: 'abc' },
    ]
    for (const result of bad) expect(runResultSchema.safeParse(result).success).toBe(false)
  })
})
