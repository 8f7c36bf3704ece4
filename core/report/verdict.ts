import type { ClassificationEvaluation, Interval, LossEvaluation, ReportData } from '../contract/domain/report.ts'
import type { TextKey, Texts } from './texts/index.ts'

/** A sentence to be written in either language, as HTML or plain text. */
export interface Sentence {
  key: TextKey
  values: Readonly<Record<string, string | number>>
}

export type VerdictKind = 'better' | 'worse' | 'unclear' | 'mixed' | 'notAboveMajority' | 'noBase' | 'none'

/** What a reader in a hurry needs: one sentence, how sure it is, and what it is compared with. */
export interface Verdict {
  kind: VerdictKind
  headline: Sentence
  details: Sentence[]
}

export function verdictOf(data: ReportData, texts: Texts): Verdict {
  const { evaluation } = data
  if (evaluation === undefined) {
    return {
      kind: 'none',
      headline: { key: 'headline.none', values: {} },
      details: [{ key: 'verdict.none', values: {} }],
    }
  }
  return evaluation.kind === 'loss' ? lossVerdict(evaluation, texts) : classVerdict(evaluation, texts)
}

function classVerdict(evaluation: ClassificationEvaluation, texts: Texts): Verdict {
  const { kind, detail } = changeVerdict(evaluation, texts)
  const learned = aboveMajority(evaluation)
  const { majority } = evaluation
  const values = {
    label: majority.label,
    count: perHundred(majority.accuracy, texts),
    share: texts.format.percent(majority.accuracy),
  }
  return {
    kind: learned || kind === 'worse' ? kind : 'notAboveMajority',
    headline: classHeadline(evaluation, texts),
    details: [detail, { key: learned ? 'verdict.aboveMajority' : 'verdict.notAboveMajority', values }],
  }
}

/** Small test sets are counted out, larger ones told per hundred. */
function classHeadline({ base, tuned }: ClassificationEvaluation, texts: Texts): Sentence {
  const form = base === undefined ? 'single' : 'pair'
  if (tuned.n < 100) {
    return { key: `headline.exact.${form}`, values: { n: tuned.n, after: tuned.correct, before: base?.correct ?? 0 } }
  }
  const values = { after: perHundred(tuned.accuracy, texts), before: perHundred(base?.accuracy ?? 0, texts) }
  return { key: `headline.hundred.${form}`, values }
}

/** Rounded, but never rounded to "none" or "all" when that is not true: 99.97 % is 99.9 of 100, 0.02 % is 0.1. */
function perHundred(share: number, texts: Texts): string {
  const exact = share * 100
  const rounded = Math.round(exact)
  if (rounded === 100 && share < 1) return texts.format.decimal(Math.floor(exact * 10) / 10, 1)
  if (rounded === 0 && share > 0) return texts.format.decimal(Math.ceil(exact * 10) / 10, 1)
  return texts.format.integer(rounded)
}

/** −1, 0 or +1: on which side of zero the whole interval lies. */
const signOf = ([low, high]: Interval): number => (low > 0 ? 1 : high < 0 ? -1 : 0)

function changeVerdict(
  { comparison }: ClassificationEvaluation,
  texts: Texts,
): { kind: VerdictKind; detail: Sentence } {
  if (comparison === undefined) return { kind: 'noBase', detail: { key: 'verdict.noBase', values: {} } }
  const { accuracy, macroF1 } = comparison
  const [a, f] = [signOf(accuracy.ci95), signOf(macroF1.ci95)]
  if (a * f < 0) {
    const values = {
      accuracy: texts.plain('amount.points', { value: texts.format.signed(accuracy.difference * 100, 1) }),
      macroF1: texts.format.signed(macroF1.difference, 3),
    }
    return { kind: 'mixed', detail: { key: 'verdict.mixed', values } }
  }
  const metric = a === 0 && f !== 0 ? 'macroF1' : 'accuracy'
  const sign = a + f
  const kind = sign > 0 ? 'better' : sign < 0 ? 'worse' : 'unclear'
  const [low, high] = amounts(metric, comparison[metric].ci95, kind, texts)
  return { kind, detail: { key: `verdict.${kind}`, values: { metric: texts.plain(`metric.${metric}`), low, high } } }
}

/** Bounds of a change in words; a fall is told without its sign, smallest fall first. */
function amounts(
  metric: 'accuracy' | 'macroF1',
  [low, high]: Interval,
  kind: 'better' | 'worse' | 'unclear',
  { format, plain }: Texts,
): [string, string] {
  const [from, to] = kind === 'worse' ? [-high, -low] : [low, high]
  const scale = metric === 'accuracy' ? 100 : 1
  const digits = metric === 'accuracy' ? 1 : 3
  const write = (value: number) =>
    kind === 'unclear' ? format.signed(value * scale, digits) : format.decimal(value * scale, digits)
  return [write(from), metric === 'accuracy' ? plain('amount.points', { value: write(to) }) : write(to)]
}

/** True when accuracy or macro-F1 lies above the majority rule with its whole interval. */
export function aboveMajority({ tuned, majority }: ClassificationEvaluation): boolean {
  return tuned.ci95.accuracy[0] > majority.accuracy || tuned.ci95.macroF1[0] > majority.macroF1
}

function lossVerdict({ base, tuned, comparison }: LossEvaluation, { format }: Texts): Verdict {
  const after = format.decimal(tuned.perplexity, 2)
  if (base === undefined || comparison === undefined) {
    return {
      kind: 'noBase',
      headline: { key: 'headline.loss.single', values: { after } },
      details: [{ key: 'verdict.noBase', values: {} }],
    }
  }
  const sign = signOf(comparison.loss.ci95)
  const kind = sign < 0 ? 'better' : sign > 0 ? 'worse' : 'unclear'
  const [low, high] = comparison.loss.ci95
  return {
    kind,
    headline: { key: `headline.loss.${kind}`, values: { before: format.decimal(base.perplexity, 2), after } },
    details: [{ key: 'verdict.loss', values: { low: format.signed(low, 3), high: format.signed(high, 3) } }],
  }
}
