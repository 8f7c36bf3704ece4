import type { ReportData } from '../../contract/domain/report.ts'
import { type Html, html, type Part, raw, user } from '../html.ts'
import type { Texts } from '../texts/index.ts'
import { type Sentence, verdictOf } from '../verdict.ts'
import { section } from './blocks.ts'

/** A closed hatch: the product's mark. */
const MARK = raw(
  '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="14.5" fill="none" stroke="currentColor" stroke-width="2.4"/><path d="M16 6.5v19M7.8 11.2l16.4 9.6M24.2 11.2 7.8 20.8" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/><circle cx="16" cy="16" r="4.6" fill="#fff" stroke="currentColor" stroke-width="2.4"/></svg>',
)

export function header(data: ReportData, texts: Texts): Html {
  return html`<header><div class="brand">${MARK}<span>Airlock</span></div><div class="stamp">${texts.format.dateTime(data.createdAt)}</div><h1>${user(data.project, 120)}</h1><p class="sub">${texts.plain('title.report')} · ${texts.plain(`task.${data.task}`)} · ${texts.rich('title.base', { model: data.model.id })} · ${texts.rich('title.run', { run: data.run })}</p></header>`
}

/** The answer first: one sentence, how sure it is, and four figures. */
export function summary(data: ReportData, texts: Texts): Html {
  const { kind, headline, details } = verdictOf(data, texts)
  return html`<section class="verdict ${kind}"><span class="badge ${kind === 'better' ? 'good' : 'plain'}">${texts.plain(`badge.${kind}`)}</span><p class="headline">${emphasised(headline, texts)}</p>${details.map(({ key, values }) => html`<p class="detail">${texts.rich(key, values)}</p>`)}${keyFigures(data, texts)}</section>`
}

/** The figures of the headline stand out. */
function emphasised({ key, values }: Sentence, texts: Texts): Html {
  const strong = Object.entries(values).map(([name, value]): [string, string | number | Html] =>
    name === 'after' || name === 'before' ? [name, html`<b class="${name}">${value}</b>`] : [name, value],
  )
  return texts.rich(key, Object.fromEntries(strong))
}

interface KeyFigure {
  name: Part
  value: Part
  below: Part
}

function keyFigures(data: ReportData, texts: Texts): Html {
  const { format } = texts
  const { train } = data
  const figures: KeyFigure[] = [
    ...measured(data, texts),
    {
      name: texts.plain('figure.time'),
      value: format.duration(train.seconds),
      below:
        train.peakMemoryBytes !== undefined &&
        texts.plain('figure.memory', { value: format.bytes(train.peakMemoryBytes) }),
    },
  ]
  return html`<div class="figures">${figures.map(({ name, value, below }) => html`<div><span class="name">${name}</span><span class="value">${value}</span><span class="below">${below}</span></div>`)}</div>`
}

function measured(data: ReportData, texts: Texts): KeyFigure[] {
  const { format, plain } = texts
  const { evaluation } = data
  const classes = data.data.classes && Object.keys(data.data.classes).length
  const trainRows: KeyFigure = {
    name: plain('figure.trainRows'),
    value: format.integer(data.data.trainRows),
    below: classes !== undefined && plain('figure.classes', { count: classes }),
  }
  if (evaluation === undefined) return [trainRows]
  const before = (value: string | undefined) => value !== undefined && plain('figure.before', { value })
  const testRows: KeyFigure = {
    name: plain('figure.testRows'),
    value: format.integer(evaluation.tuned.n),
    below: plain('figure.neverTrained'),
  }
  const { base, tuned } = evaluation
  if (evaluation.kind === 'loss') {
    const pair = (metric: 'perplexity' | 'loss', digits: number): KeyFigure => ({
      name: plain(`figure.${metric}`),
      value: format.decimal(evaluation.tuned[metric], digits),
      below: before(evaluation.base && format.decimal(evaluation.base[metric], digits)),
    })
    return [pair('perplexity', 2), pair('loss', 3), testRows]
  }
  const [b, t] = [base as typeof evaluation.base, tuned as typeof evaluation.tuned]
  return [
    {
      name: plain('figure.accuracy'),
      value: format.percent(t.accuracy),
      below: before(b && format.percent(b.accuracy)),
    },
    {
      name: plain('figure.macroF1'),
      value: format.decimal(t.macroF1, 3),
      below: before(b && format.decimal(b.macroF1, 3)),
    },
    testRows,
  ]
}

/** The story in a few numbered sentences. */
export function whatWasDone(data: ReportData, texts: Texts): Html {
  const { train, model, evaluation } = data
  const { format } = texts
  const device = data.machine.cpu ?? train.device
  const trainable = format.compact(train.trainableParameters)
  const steps = [
    model.parameters === undefined || data.method.kind === 'full'
      ? texts.rich('done.modelPlain', { model: model.id, trainable })
      : texts.rich('done.model', {
          model: model.id,
          parameters: format.compact(model.parameters),
          trainable,
          share: format.percent(train.trainableParameters / model.parameters),
        }),
    texts.rich('done.data', { rows: data.data.trainRows, epochs: train.epochs, steps: train.steps }),
    train.peakMemoryBytes === undefined
      ? texts.rich('done.time', { device, duration: format.duration(train.seconds) })
      : texts.rich('done.timeMemory', {
          device,
          duration: format.duration(train.seconds),
          memory: format.bytes(train.peakMemoryBytes),
        }),
    evaluation && texts.rich(evaluation.base ? 'done.test' : 'done.testTuned', { rows: evaluation.tuned.n }),
  ]
  const remarks = (data.remarks ?? []).map((remark) => html`<p class="remark">${user(remark)}</p>`)
  return section(
    texts,
    'section.done',
    html`<ol class="story">${steps.map((step) => step && html`<li>${step}</li>`)}</ol>${remarks}`,
  )
}
