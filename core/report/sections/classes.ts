import type { ClassificationEvaluation, ClassScore, ReportData } from '../../contract/domain/report.ts'
import { BAR_LIMIT, pairedBars } from '../charts/bars.ts'
import { type Cell, columnsNumbered, confusionMatrix, MATRIX_LIMIT } from '../charts/confusion.ts'
import { type Html, html, type Part, user } from '../html.ts'
import type { Texts } from '../texts/index.ts'
import { clip } from '../visible.ts'
import { figure, section, table } from './blocks.ts'

const TOP_CONFUSIONS = 10

/** Own member of a record keyed by labels (a label may be called `constructor`). */
const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

export function classesSection({ data, evaluation }: ReportData, texts: Texts): Part {
  if (evaluation?.kind !== 'classification') return undefined
  const { format, plain } = texts
  const { base, tuned, comparison } = evaluation
  const measured = evaluation.labels
    .flatMap((label) => {
      const score = own(tuned.perClass, label)
      return score === undefined ? [] : [{ label, score, before: own(base?.perClass, label) }]
    })
    .toSorted((a, b) => b.score.f1 - a.score.f1 || b.score.support - a.score.support)
  const f1 = (value: number | undefined) => (value === undefined ? '—' : format.decimal(value, 2))
  const bars = measured.map(({ label, score, before }) => ({
    label,
    before: before?.f1,
    after: score.f1,
    text: before === undefined ? f1(score.f1) : `${f1(before.f1)} → ${f1(score.f1)}`,
  }))
  const line = (label: string, score: ClassScore, before: ClassScore | undefined): Part[] => {
    const difference = own(comparison?.perClassF1, label)
    const trained = own(data.classes, label)
    return [
      user(label, 120),
      trained === undefined ? '—' : format.integer(trained),
      format.integer(score.support),
      f1(before?.f1),
      html`<b>${f1(score.f1)}</b>`,
      html`<small>${format.interval(score.ci95.f1, f1)}</small>`,
      difference === undefined ? '—' : format.signed(difference.difference, 2),
      f1(score.precision),
      f1(score.recall),
    ]
  }
  const heads = (
    ['class', 'train', 'test', 'baseF1', 'tunedF1', 'interval', 'change', 'precision', 'recall'] as const
  ).map((name) => ({ head: plain(`classes.${name}`), num: name !== 'class' }))
  const legend = [
    ...(base ? [{ style: 'before', text: plain('legend.base') } as const] : []),
    { style: 'after', text: plain('legend.tuned') } as const,
  ]
  const cut = bars.length > BAR_LIMIT ? plain('chart.cut', { shown: BAR_LIMIT, total: bars.length }) : undefined
  const rows = measured.map(({ label, score, before }) => line(label, score, before))
  return section(
    texts,
    'section.classes',
    html`${figure(plain('classes.chart'), legend, pairedBars(bars, 1, plain('classes.chart.label')), cut)}${table(heads, rows, 'classes')}<p class="small">${plain('classes.explain')}</p>`,
  )
}

export function confusionSection({ evaluation }: ReportData, texts: Texts): Part {
  if (evaluation?.kind !== 'classification') return undefined
  return section(texts, 'section.confusion', html`${matrix(evaluation, texts)}${topConfusions(evaluation, texts)}`)
}

function matrix({ labels, tuned }: ClassificationEvaluation, texts: Texts): Part {
  const { plain, format } = texts
  if (labels.length > MATRIX_LIMIT) return html`<p>${plain('confusion.tooMany', { count: labels.length })}</p>`
  const index = new Map(labels.map((label, k) => [label, k]))
  const cells = confusions(tuned.confusion).flatMap((cell): Cell[] => {
    const [gold, predicted] = [index.get(cell.gold), index.get(cell.predicted)]
    if (gold === undefined || predicted === undefined) return []
    const names = { gold: clip(cell.gold, 60), predicted: clip(cell.predicted, 60) }
    const title = plain('confusion.cell', { ...names, rows: cell.rows, share: format.percent(cell.share, 0) })
    return [{ gold, predicted, rows: cell.rows, share: cell.share, title }]
  })
  const caption = columnsNumbered(labels.length)
    ? `${plain('confusion.axes')} ${plain('confusion.numbered')}`
    : plain('confusion.axes')
  const drawing = confusionMatrix(labels, cells, plain('confusion.chart.label'))
  return figure(plain('confusion.chart'), [], html`<div class="matrix">${drawing}</div>`, caption)
}

interface Confusion {
  gold: string
  predicted: string
  rows: number
  share: number
}

function confusions(table: ClassificationEvaluation['tuned']['confusion']): Confusion[] {
  return Object.entries(table).flatMap(([gold, line]) => {
    const total = Object.values(line).reduce((a, b) => a + b, 0)
    return Object.entries(line).map(([predicted, rows]) => ({ gold, predicted, rows, share: rows / total }))
  })
}

function topConfusions({ tuned }: ClassificationEvaluation, texts: Texts): Html {
  const { plain, format } = texts
  const top = confusions(tuned.confusion)
    .filter(({ gold, predicted }) => gold !== predicted)
    .toSorted((a, b) => b.rows - a.rows || b.share - a.share)
    .slice(0, TOP_CONFUSIONS)
  if (top.length === 0) return html`<p>${plain('confusion.none')}</p>`
  const heads = [
    { head: plain('confusion.gold') },
    { head: plain('confusion.predicted') },
    { head: plain('confusion.rows'), num: true },
    { head: plain('confusion.share'), num: true },
  ]
  const rows = top.map(({ gold, predicted, rows: count, share }) => [
    user(gold, 120),
    user(predicted, 120),
    format.integer(count),
    format.percent(share, 0),
  ])
  return html`<h3>${plain('confusion.top')}</h3>${table(heads, rows)}`
}
