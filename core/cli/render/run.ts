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

/** Base beside tuned with 95 % intervals. */
export function renderEvaluation({ base, tuned }: EvaluationResult, lang: Lang): string {
  const header = (['result.metric', 'result.base', 'result.tuned', 'result.change'] as const).map((key) =>
    message(lang, key),
  )
  const rows = METRICS.filter((metric) => tuned[metric] !== undefined).map((metric) => {
    const [before, after] = [base?.[metric], tuned[metric]]
    const change = before === undefined || after === undefined ? '—' : signed(after - before)
    return [message(lang, `metric.${metric}`), score(base, metric), score(tuned, metric), change]
  })
  return `${message(lang, 'result.evaluation', { n: tuned.n })}\n${table(header, rows)}`
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
