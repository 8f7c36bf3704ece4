import type { ReportData } from '../../contract/domain/report.ts'
import { curveChart, wantsLog } from '../charts/curve.ts'
import { type Html, html, type Part, user, userLines } from '../html.ts'
import type { TextKey, Texts } from '../texts/index.ts'
import { facts, figure, section } from './blocks.ts'

/** Fewer steps than this need no smoothed line. */
const SMOOTH_FROM = 24

export function trainingSection(data: ReportData, texts: Texts): Html {
  return section(
    texts,
    'section.training',
    html`${lossFigure(data, texts)}${rateFigure(data, texts)}<h3>${texts.plain('training.settings')}</h3>${settings(data, texts)}${promptBlock(data, texts)}`,
  )
}

function lossFigure({ train }: ReportData, texts: Texts): Part {
  const { losses, validation = [] } = train
  if (losses.length < 2) return undefined
  const { plain, format } = texts
  const log = wantsLog(losses)
  const smooth = losses.length >= SMOOTH_FROM
  const drawing = curveChart({
    values: losses,
    smooth,
    log,
    height: 250,
    points: validation.map(({ step, loss }) => ({ step, value: loss })),
    stepLabel: (step) => plain('training.step', { step }),
    label: plain('training.loss.label', {
      first: format.decimal(losses[0] as number, 3),
      last: format.decimal(losses.at(-1) as number, 3),
    }),
  })
  const legend = [
    ...(smooth
      ? [
          { style: 'raw', text: plain('training.raw') } as const,
          { style: 'smooth', text: plain('training.smooth') } as const,
        ]
      : []),
    ...(validation.length > 0 ? [{ style: 'dot', text: plain('training.validation') } as const] : []),
  ]
  return figure(plain(log ? 'training.lossLog' : 'training.loss'), legend, drawing)
}

function rateFigure({ train }: ReportData, texts: Texts): Part {
  const { learningRates } = train
  if (learningRates.length < 2) return undefined
  const max = learningRates.reduce((a, b) => Math.max(a, b), 0)
  const label = texts.plain('training.rate.label', { max: texts.format.setting(Number(max.toPrecision(4))) })
  const drawing = curveChart({
    values: learningRates,
    height: 110,
    label,
    stepLabel: (step) => texts.plain('training.step', { step }),
  })
  return figure(texts.plain('training.rate'), [], drawing)
}

const SCHEDULES: Readonly<Record<string, TextKey>> = {
  cosine: 'training.cosine',
  linear: 'training.linear',
  constant: 'training.constant',
}

function settings(data: ReportData, texts: Texts): Html {
  const { method, train } = data
  const { format, plain } = texts
  const schedule = Object.hasOwn(SCHEDULES, method.schedule)
    ? plain(SCHEDULES[method.schedule] as TextKey)
    : method.schedule
  // Above 1 the warm-up is a number of steps, otherwise a share of them.
  const warmup =
    method.warmup > 1 ? plain('training.warmupSteps', { steps: method.warmup }) : format.percent(method.warmup, 0)
  const left = facts([
    [plain('training.method'), methodText(data, texts)],
    [plain('training.targets'), method.targets && user(method.targets.join(' '))],
    [plain('training.trainable'), format.integer(train.trainableParameters)],
    [plain('training.steps'), plain('training.stepsEpochs', { steps: train.steps, epochs: train.epochs })],
    [plain('training.batch'), format.integer(method.batchSize)],
    [
      plain('training.peakRate'),
      plain('training.rateSchedule', { rate: format.setting(method.learningRate), schedule, warmup }),
    ],
    [plain('training.decay'), format.setting(method.weightDecay)],
    [plain('training.clip'), format.setting(method.maxGradNorm)],
  ])
  const right = facts([
    [plain('training.maxLength'), plain('training.tokensUnit', { count: method.maxLength })],
    [plain('training.supervised'), train.supervisedTokens !== undefined && format.integer(train.supervisedTokens)],
    [plain('training.precision'), user(train.precision)],
    [plain('training.speed'), speed(data, texts)],
    [plain('training.time'), format.duration(train.seconds)],
    [plain('training.memory'), train.peakMemoryBytes !== undefined && format.bytes(train.peakMemoryBytes)],
    [plain('training.resumes'), train.resumes ? plain('training.times', { count: train.resumes }) : undefined],
    [plain('training.seed'), String(data.seed)],
  ])
  return html`<div class="columns">${left}${right}</div>`
}

function methodText({ method }: ReportData, { plain, format }: Texts): string {
  if (method.kind !== 'lora') return plain(`training.method.${method.kind}`)
  const value = (number: number | undefined) => (number === undefined ? '—' : format.setting(number))
  return plain('training.method.lora', {
    rank: value(method.rank),
    alpha: value(method.alpha),
    dropout: value(method.dropout),
  })
}

function speed({ train }: ReportData, { plain, format }: Texts): string | undefined {
  if (train.rowsPerSecond === undefined) return undefined
  const rows = format.decimal(train.rowsPerSecond, train.rowsPerSecond < 10 ? 2 : 0)
  if (train.tokensPerSecond === undefined) return plain('training.rowsPerSecond', { rows })
  return plain('training.rowsTokensPerSecond', { rows, tokens: format.integer(train.tokensPerSecond) })
}

function promptBlock({ prompt }: ReportData, texts: Texts): Part {
  if (prompt === undefined) return undefined
  const part = (key: 'training.system' | 'training.prompt' | 'training.answer', text: string | undefined) =>
    text && html`<div><dt>${texts.plain(key)}</dt><dd class="pre">${userLines(text)}</dd></div>`
  return html`<h3>${texts.plain('training.promptTitle')}</h3><dl class="facts prompt">${part('training.system', prompt.system)}${part('training.prompt', prompt.user)}${part('training.answer', prompt.answer)}</dl>`
}
