import type {
  ClassificationEvaluation,
  ClassificationResult,
  Interval,
  LossEvaluation,
  LossResult,
  PairedDifference,
  ReportData,
} from '../../contract/domain/report.ts'
import { type IntervalRow, intervalChart } from '../charts/intervals.ts'
import { type Html, html, type Part } from '../html.ts'
import type { Texts } from '../texts/index.ts'
import { clip, visibleText } from '../visible.ts'
import { figure, section, table } from './blocks.ts'

export function resultsSection({ evaluation }: ReportData, texts: Texts): Part {
  if (evaluation === undefined) return undefined
  const body = evaluation.kind === 'loss' ? lossTable(evaluation, texts) : classTable(evaluation, texts)
  return section(texts, 'section.results', body)
}

/** A value with its interval below it. */
function measured(value: string, interval: Interval | undefined, write: (value: number) => string, texts: Texts): Html {
  return html`<b>${value}</b>${interval && html`<small>${texts.format.interval(interval, write)}</small>`}`
}

function classTable(evaluation: ClassificationEvaluation, texts: Texts): Html {
  const { base, tuned, majority, comparison } = evaluation
  const { format, plain } = texts
  const shares = (
    result: ClassificationResult | undefined,
    metric: 'accuracy' | 'macroF1' | 'precision' | 'recall',
  ) => {
    const write = (value: number) => (metric === 'accuracy' ? format.decimal(value * 100, 1) : format.decimal(value, 3))
    if (result === undefined) return '—'
    const value = metric === 'accuracy' ? format.percent(result.accuracy) : format.decimal(result[metric], 3)
    return measured(value, result.ci95[metric], write, texts)
  }
  const change = (difference: PairedDifference | undefined, percent: boolean): Part => {
    if (difference === undefined) return '—'
    const write = (value: number) => format.signed(percent ? value * 100 : value, percent ? 1 : 3)
    const value = write(difference.difference)
    return measured(percent ? plain('amount.pointsShort', { value }) : value, difference.ci95, write, texts)
  }
  const right = (result: ClassificationResult | undefined) =>
    result === undefined ? '—' : plain('results.of', { right: result.correct, n: result.n })
  const line = (metric: 'accuracy' | 'macroF1' | 'precision' | 'recall', difference: Part) => [
    plain(`results.${metric}`),
    shares(base, metric),
    shares(tuned, metric),
    difference,
    shares(majority, metric),
  ]
  const gained = base && format.signed(tuned.correct - base.correct, 0)
  const rows = [
    line('accuracy', change(comparison?.accuracy, true)),
    line('macroF1', change(comparison?.macroF1, false)),
    line('precision', change(comparison?.precision, false)),
    line('recall', change(comparison?.recall, false)),
    [plain('results.right'), right(base), right(tuned), gained ?? '—', right(majority)],
  ]
  const heads = [
    { head: plain('results.metric') },
    { head: plain('results.base'), num: true },
    { head: plain('results.tuned'), num: true, style: 'main' },
    { head: plain('results.change'), num: true },
    { head: texts.rich('results.majority', { label: clip(majority.label, 40) }), num: true },
  ]
  return html`${accuracyChart(evaluation, texts)}${table(heads, rows, 'results')}<p class="small">${plain('results.caption')}</p>${mcnemar(evaluation, texts)}`
}

function accuracyChart({ base, tuned, majority }: ClassificationEvaluation, texts: Texts): Html {
  const { format, plain } = texts
  const row = (label: string, result: ClassificationResult, kind: IntervalRow['kind']): IntervalRow => ({
    label,
    value: result.accuracy,
    interval: result.ci95.accuracy,
    text: format.percent(result.accuracy),
    kind,
  })
  const rows = [
    row(plain('results.majority', { label: clip(majority.label, 24) }), majority, 'majority'),
    ...(base ? [row(plain('results.base'), base, 'before')] : []),
    row(plain('results.tuned'), tuned, 'after'),
  ]
  const values = format.list(rows.map(({ label, text }) => `${visibleText(label)} ${text}`))
  return figure(plain('results.chart'), [], intervalChart(rows, plain('results.chart.label', { values })))
}

function mcnemar({ comparison }: ClassificationEvaluation, texts: Texts): Part {
  if (comparison === undefined) return undefined
  const { onlyTunedRight, onlyBaseRight, p } = comparison.mcnemar
  const values = { better: onlyTunedRight, worse: onlyBaseRight, p: texts.format.probability(p) }
  return html`<p>${texts.rich('results.mcnemar', values)}</p>`
}

function lossTable({ base, tuned, comparison }: LossEvaluation, texts: Texts): Html {
  const { format, plain } = texts
  const value = (result: LossResult | undefined, metric: 'loss' | 'perplexity'): Part => {
    if (result === undefined) return '—'
    const write = (number: number) => format.decimal(number, metric === 'loss' ? 3 : 2)
    return measured(write(result[metric]), result.ci95[metric], write, texts)
  }
  const signed = (number: number) => format.signed(number, 3)
  const change = comparison && measured(signed(comparison.loss.difference), comparison.loss.ci95, signed, texts)
  const ratioChange = base && `× ${format.decimal(tuned.perplexity / base.perplexity, 2)}`
  const count = (result: LossResult | undefined, metric: 'n' | 'tokens') =>
    result === undefined ? '—' : format.integer(result[metric])
  const rows = [
    [plain('results.loss'), value(base, 'loss'), value(tuned, 'loss'), change ?? '—'],
    [plain('results.perplexity'), value(base, 'perplexity'), value(tuned, 'perplexity'), ratioChange ?? '—'],
    [plain('results.n'), count(base, 'n'), count(tuned, 'n'), ''],
    [plain('results.tokens'), count(base, 'tokens'), count(tuned, 'tokens'), ''],
  ]
  const heads = [
    { head: plain('results.metric') },
    { head: plain('results.base'), num: true },
    { head: plain('results.tuned'), num: true, style: 'main' },
    { head: plain('results.change'), num: true },
  ]
  const changes = comparison && { better: comparison.rowsBetter, worse: comparison.rowsWorse }
  return html`${table(heads, rows, 'results')}<p class="small">${plain('results.caption')}</p>${changes && html`<p>${plain('results.lossRows', changes)}</p>`}`
}
