import { isMessageKey, type Lang, type MessageKey, message } from '../../contract/messages/index.ts'
import type { Artifacts, EvaluationResult, RunResult, Scores } from '../../contract/result.ts'
import { byteSize, duration, figure, printable, table } from '../text.ts'

/** The result of a run as a person reads it: data, tuning, base beside tuned, where everything is, what to do next. */
export function renderRun(result: RunResult, lang: Lang): string {
  const t = (key: MessageKey, data?: Record<string, unknown>): string => message(lang, key, data)
  const { data, train } = result
  const facts = {
    rows: data.rows,
    train: data.trainRows,
    validation: data.validationRows,
    test: data.testRows,
  }
  const removed = { duplicates: data.duplicatesRemoved, leaks: data.leaksRemoved, tooLong: data.tooLong }
  const pace = {
    steps: train.steps,
    time: duration(lang, train.seconds),
    rows: figure(train.rowsPerSecond),
    tokens: figure(train.tokensPerSecond, 0),
    memory: byteSize(train.peakMemoryBytes),
  }
  const sections = [
    `${t('result.project')}: ${printable(result.project)}\n${t('result.run')}: ${printable(result.run)}`,
    [
      t('result.data'),
      `  ${t('result.rows', facts)}`,
      `  ${t('result.removed', removed)}`,
      ...(data.ratioBefore > 0
        ? [`  ${t('result.ratio', { before: figure(data.ratioBefore, 2), after: figure(data.ratioAfter, 2) })}`]
        : []),
      ...(result.privacy.scanned ? [] : [`  ${t('note.notScanned')}`]),
    ].join('\n'),
    [t('result.tuning'), `  ${t('result.steps', pace)}`, ...lossLine(train.losses, t)].join('\n'),
    result.evaluation === null ? t('result.noEvaluation') : renderEvaluation(result.evaluation, lang),
    renderArtifacts(result.artifacts, lang),
    t('result.next'),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

function lossLine(losses: readonly number[], t: (key: MessageKey, data?: Record<string, unknown>) => string): string[] {
  const [first, last] = [losses[0], losses.at(-1)]
  if (first === undefined || last === undefined) return []
  return [`  ${t('result.loss', { first: first.toFixed(3), last: last.toFixed(3) })}`]
}

const METRICS = ['accuracy', 'macroF1', 'precision', 'recall'] as const

/** The verdict in one sentence, then base beside tuned beside the majority rule with 95 % intervals. */
export function renderEvaluation({ base, tuned, majority }: EvaluationResult, lang: Lang): string {
  const t = (key: MessageKey, data?: Record<string, unknown>): string => message(lang, key, data)
  if (tuned.accuracy === undefined) return renderLoss({ base, tuned }, lang)
  const columns: [string, Scores | null][] = [
    [t('result.base'), base],
    [t('result.tuned'), tuned],
  ]
  if (majority !== undefined) columns.push([t('result.majority', { label: printable(majority.label) }), majority])
  const rows = METRICS.filter((metric) => tuned[metric] !== undefined).map((metric) => {
    const [before, after] = [base?.[metric], tuned[metric]]
    const change = before === undefined || after === undefined ? '—' : signed(after - before)
    const [first, second, ...rest] = columns.map(([, scores]) => score(scores, metric))
    return [t(`metric.${metric}`), first!, second!, change, ...rest]
  })
  const [first, second, ...rest] = columns.map(([name]) => name)
  const header = [t('result.metric'), first!, second!, t('result.change'), ...rest]
  return [t('result.evaluation', { n: tuned.n }), verdict({ base, tuned }, lang), table(header, rows)].join('\n')
}

/** "After tuning 88 of 100 test rows are right; before it was 27." */
function verdict({ base, tuned }: Pick<EvaluationResult, 'base' | 'tuned'>, lang: Lang): string {
  const ofHundred = (scores: Scores): number => Math.round(100 * (scores.accuracy ?? 0))
  if (base === null) return message(lang, 'result.verdictAlone', { tuned: ofHundred(tuned) })
  return message(lang, 'result.verdict', { tuned: ofHundred(tuned), base: ofHundred(base) })
}

/** Tasks without classes are judged by the loss on held-out rows. */
function renderLoss({ base, tuned }: Pick<EvaluationResult, 'base' | 'tuned'>, lang: Lang): string {
  const header = (['result.metric', 'result.base', 'result.tuned'] as const).map((key) => message(lang, key))
  const rows = (['loss', 'perplexity'] as const).map((metric) => [
    message(lang, `metric.${metric}`),
    lossScore(base, metric),
    lossScore(tuned, metric),
  ])
  return `${message(lang, 'result.evaluation', { n: tuned.n })}\n${table(header, rows)}`
}

function lossScore(scores: Scores | null, metric: 'loss' | 'perplexity'): string {
  const value = scores?.[metric]
  if (typeof value !== 'number') return '—'
  const interval = scores?.ci95[metric]
  return interval === undefined
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`
}

function score(scores: Scores | null, metric: (typeof METRICS)[number]): string {
  const value = scores?.[metric]
  if (value === undefined) return '—'
  const interval = scores?.ci95[metric]
  return interval === undefined
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`

/** Where everything is. */
export function renderArtifacts(artifacts: Artifacts | Record<string, string>, lang: Lang): string {
  const lines = Object.entries(artifacts).flatMap(([kind, path]) => {
    if (typeof path !== 'string') return []
    const key = `artifact.${kind}`
    return [`  ${isMessageKey(key) ? message(lang, key) : printable(kind)}: ${printable(path)}`]
  })
  return lines.length === 0 ? '' : [message(lang, 'result.files'), ...lines].join('\n')
}
