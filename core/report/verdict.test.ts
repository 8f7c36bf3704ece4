import { describe, expect, it } from 'vitest'
import type { ClassificationEvaluation, Interval, ReportData } from '../contract/domain/report.ts'
import { notesOf } from './notes.ts'
import { sampleLossReport, sampleReport } from './sample.fixture.ts'
import { textsFor } from './texts/index.ts'
import { verdictOf } from './verdict.ts'

const texts = textsFor('en')
const report = sampleReport({ lang: 'en' })
const measured = report.evaluation as ClassificationEvaluation

/** The sample with other intervals of the change. */
function withChange(accuracy: Interval, macroF1: Interval): ReportData {
  const { comparison } = measured
  if (comparison === undefined) return expect.unreachable()
  const paired = (ci95: Interval) => ({ difference: (ci95[0] + ci95[1]) / 2, ci95 })
  const changed = { ...comparison, accuracy: paired(accuracy), macroF1: paired(macroF1) }
  return { ...report, evaluation: { ...measured, comparison: changed } }
}
const kindOf = (data: ReportData) => verdictOf(data, texts).kind
const detailOf = (data: ReportData) => {
  const { key, values } = verdictOf(data, texts).details[0] ?? expect.unreachable()
  return texts.plain(key, values)
}

describe('verdictOf', () => {
  it.each<[string, Interval, Interval]>([
    ['better', [0.1, 0.2], [0.1, 0.2]],
    ['better', [-0.01, 0.2], [0.01, 0.2]],
    ['worse', [-0.2, -0.1], [-0.1, 0.1]],
    ['unclear', [-0.1, 0.1], [-0.1, 0.1]],
    ['mixed', [0.1, 0.2], [-0.2, -0.1]],
  ])('is %s for accuracy %j and macro-F1 %j', (kind, accuracy, macroF1) => {
    expect(kindOf(withChange(accuracy, macroF1))).toBe(kind)
  })

  it('writes bounds with their unit and direction', () => {
    expect(detailOf(withChange([0.1, 0.25], [0, 0]))).toContain('accuracy rose by 10.0 to 25.0 percentage points')
    expect(detailOf(withChange([-0.25, -0.1], [0, 0]))).toContain('accuracy fell by 10.0 to 25.0 percentage points')
    expect(detailOf(withChange([0, 0.1], [0.02, 0.2]))).toContain('macro-F1 rose by 0.020 to 0.200')
    expect(detailOf(withChange([-0.1, 0.1], [-0.1, 0.1]))).toContain('from −10.0 to +10.0 percentage points')
  })

  it('says when nothing was learned beyond the most frequent class', () => {
    const tuned = {
      ...measured.tuned,
      ci95: { ...measured.tuned.ci95, accuracy: [0.1, 0.2], macroF1: [0.01, 0.02] } as const,
    }
    expect(kindOf({ ...report, evaluation: { ...measured, tuned } })).toBe('notAboveMajority')
  })

  it('never rounds to all or none', () => {
    const headline = (accuracy: number) => {
      const tuned = { ...measured.tuned, accuracy, n: 10_000, correct: Math.round(accuracy * 10_000) }
      const { key, values } = verdictOf({ ...report, evaluation: { ...measured, tuned } }, texts).headline
      return texts.plain(key, values)
    }
    expect(headline(0.9997)).toContain('99.9 of 100')
    expect(headline(0.0003)).toContain('0.1 of 100')
    expect(headline(1)).toContain('After tuning, 100 of 100')
  })

  it('counts out small test sets', () => {
    const small = sampleReport({ lang: 'en', testRows: 40 })
    const { key, values } = verdictOf(small, texts).headline
    expect(texts.plain(key, values)).toMatch(/^Of 40 test texts, \d+ get the right class/)
  })

  it('knows runs without base and without evaluation', () => {
    const { base: _base, comparison: _comparison, ...alone } = measured
    expect(kindOf({ ...report, evaluation: alone })).toBe('noBase')
    expect(kindOf({ ...report, evaluation: undefined })).toBe('none')
    expect(kindOf(sampleLossReport('en'))).toBe('better')
  })
})

describe('notesOf', () => {
  const keys = (data: ReportData) => notesOf(data, texts).map(({ key }) => key)

  it('admits what limits the result', () => {
    const small = sampleReport({ lang: 'en', testRows: 14, classes: 8, after: 1 })
    const labels = [...((small.evaluation as ClassificationEvaluation).labels ?? []), 'absent']
    const data: ReportData = {
      ...small,
      evaluation: { ...(small.evaluation as ClassificationEvaluation), labels, withoutTestRows: ['absent'] },
      data: { ...small.data, testRows: 20, testSplitUses: 3, ratioAfter: 4, personalData: undefined },
      train: { ...small.train, precision: 'int8', resumes: 2 },
    }
    expect(keys(data)).toEqual(
      expect.arrayContaining([
        'notes.limited',
        'notes.small',
        'notes.smallClasses',
        'notes.noTestRows',
        'notes.perfect',
        'notes.uses.again',
        'notes.nearLeaks',
        'notes.tooLong',
        'notes.ratio',
        'notes.notScanned',
        'notes.precision',
        'notes.resumed',
      ]),
    )
  })

  it('does not cry wolf', () => {
    const shown = keys(report)
    for (const key of ['notes.small', 'notes.perfect', 'notes.ratio', 'notes.notScanned', 'notes.uses.again']) {
      expect(shown).not.toContain(key)
    }
    expect(shown).toContain('notes.uses.first')
  })
})
