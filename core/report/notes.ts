import type { ClassificationEvaluation, ReportData } from '../contract/domain/report.ts'
import type { Texts } from './texts/index.ts'
import type { Sentence } from './verdict.ts'
import { clip } from './visible.ts'

const NO_VALUES = {}
/** Below this many test rows an interval is wider than about ±10 points. */
const SMALL_TEST = 100
const SMALL_CLASS = 5
const NAMES_SHOWN = 8

/** The honest notes that belong to these data, most important first. */
export function notesOf(data: ReportData, texts: Texts): Sentence[] {
  const { evaluation } = data
  return [
    ...(evaluation?.kind === 'classification' ? classNotes(evaluation, data, texts) : []),
    ...(evaluation?.kind === 'loss' ? [{ key: 'notes.loss', values: NO_VALUES } as const] : []),
    ...(evaluation ? splitNotes(data, evaluation.tuned.n, evaluation.bootstrap.resamples) : []),
    ...dataNotes(data, texts),
    ...runNotes(data),
  ]
}

function classNotes(evaluation: ClassificationEvaluation, data: ReportData, texts: Texts): Sentence[] {
  const { base, tuned, withoutTestRows } = evaluation
  const small = Object.entries(tuned.perClass).filter(([, score]) => score.support < SMALL_CLASS)
  const notes: Sentence[] = []
  if (tuned.correct === tuned.n) {
    notes.push({ key: 'notes.perfect', values: { n: tuned.n, low: texts.format.percent(tuned.ci95.accuracy[0]) } })
  }
  if (withoutTestRows.length > 0) {
    notes.push({
      key: 'notes.noTestRows',
      values: { count: withoutTestRows.length, names: names(withoutTestRows, texts) },
    })
  }
  if (small.length > 0) {
    const list = small.map(([label]) => label)
    notes.push({ key: 'notes.smallClasses', values: { count: small.length, names: names(list, texts) } })
  }
  if (base !== undefined) {
    const scoring = texts.plain(`notes.scoring.${data.scoring ?? 'sum'}`)
    notes.push({ key: 'notes.sameScoring', values: { scoring } })
  }
  const compared = Object.keys(tuned.perClass).length
  if (base !== undefined && compared >= 10) notes.push({ key: 'notes.manyClasses', values: { count: compared } })
  return notes
}

function splitNotes(data: ReportData, n: number, resamples: number): Sentence[] {
  const uses = data.data.testSplitUses
  const notes: Sentence[] = []
  if (n < data.data.testRows) notes.push({ key: 'notes.limited', values: { n, rows: data.data.testRows } })
  if (n < SMALL_TEST) notes.push({ key: 'notes.small', values: { n } })
  if (uses !== undefined && uses > 1) notes.push({ key: 'notes.uses.again', values: { count: uses } })
  if (uses === 1) notes.push({ key: 'notes.uses.first', values: NO_VALUES })
  notes.push({ key: 'notes.interval', values: { resamples } }, { key: 'notes.scope', values: NO_VALUES })
  return notes
}

function dataNotes({ data }: ReportData, texts: Texts): Sentence[] {
  const notes: Sentence[] = []
  if (data.nearLeaks?.action === 'report' && data.nearLeaks.found > 0) {
    notes.push({ key: 'notes.nearLeaks', values: { found: data.nearLeaks.found } })
  }
  if (data.tooLong > 0) notes.push({ key: 'notes.tooLong', values: { count: data.tooLong } })
  if (data.balance && data.ratioAfter !== undefined && data.ratioAfter > data.balance.maxRatio + 0.05) {
    const values = { ratio: ratio(data.ratioAfter, texts), target: ratio(data.balance.maxRatio, texts) }
    notes.push({ key: 'notes.ratio', values })
  }
  if (!wasScanned(data)) notes.push({ key: 'notes.notScanned', values: NO_VALUES })
  return notes
}

function runNotes(data: ReportData): Sentence[] {
  const { precision, resumes } = data.train
  const quoted = quotedRows(data)
  const notes: Sentence[] = []
  if (precision !== 'fp32') notes.push({ key: 'notes.precision', values: { precision } })
  if (resumes !== undefined && resumes > 0) notes.push({ key: 'notes.resumed', values: { count: resumes } })
  if (quoted > 0) notes.push({ key: 'notes.quotes', values: { count: quoted } })
  return notes
}

/** A scan is only claimed when one was made and its findings are known. */
export function wasScanned(data: ReportData['data']): boolean {
  return data.privacy?.scan !== false && data.personalData !== undefined
}

/** 1 : 1.5 as one figure, up to one digit after the point. */
export function ratio(value: number, { format }: Texts): string {
  return format.decimal(value, Number.isInteger(value) ? 0 : 1)
}

/** Test rows whose text the report shows. */
export function quotedRows({ worst = [], changed }: ReportData): number {
  const rows = [...worst, ...(changed?.better ?? []), ...(changed?.worse ?? [])]
  return new Set(rows.filter((row) => row.text !== undefined).map((row) => row.rowId)).size
}

function names(labels: readonly string[], { format }: Texts): string {
  const shown = labels.slice(0, NAMES_SHOWN).map((label) => clip(label, 30))
  const rest = labels.length - shown.length
  return format.list(rest > 0 ? [...shown, `… (+${rest})`] : shown)
}
