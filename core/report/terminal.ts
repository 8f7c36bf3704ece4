import type {
  ClassificationEvaluation,
  ClassificationResult,
  Interval,
  LossEvaluation,
  LossResult,
  PairedDifference,
  ReportData,
} from '../contract/domain/report.ts'
import type { Lang } from './format.ts'
import { ratio } from './notes.ts'
import { type Texts, textsFor } from './texts/index.ts'
import { verdictOf } from './verdict.ts'
import { clip, displayWidth, fitWidth, padWidth, visibleText } from './visible.ts'

const INDENT = '  '
/** Lines are wrapped to this many cells: the width every terminal has. */
const WIDTH = 80
const WEAKEST = 3

/**
 * The result for a terminal: verdict, aligned table (Chinese characters count two cells), a few facts. Plain text
 * without escape sequences; control characters in names are shown, so no data can steer the terminal.
 */
export function renderTerminalSummary(data: ReportData, lang: Lang): string {
  const texts = textsFor(lang)
  const { headline, details } = verdictOf(data, texts)
  const title = `${visibleText(clip(data.project, 60))} · ${visibleText(clip(data.model.id, 60))}`
  const blocks = [
    [title],
    [headline, ...details].flatMap(({ key, values }) => wrap(texts.plain(key, values))),
    data.evaluation && resultTable(data.evaluation, texts),
    factLines(data, texts),
  ]
  const shown = blocks.filter((block) => block !== undefined && block.length > 0) as string[][]
  // The typographic minus is two cells wide on some Chinese terminals, the plain one is not.
  return `${shown.map((block) => block.join('\n')).join('\n\n')}\n`.replaceAll('−', '-')
}

/** Breaks at spaces, and between Chinese characters, never before closing punctuation. */
function wrap(text: string): string[] {
  const words = text.match(/[\p{Script=Han}“（][，。；：！？、”）]*|[^\s\p{Script=Han}]+\s*|\s+/gu) ?? []
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line !== '' && displayWidth(line + word.trimEnd()) > WIDTH - INDENT.length) {
      lines.push(INDENT + line.trimEnd())
      line = ''
    }
    line += word
  }
  return line.trim() === '' ? lines : [...lines, INDENT + line.trimEnd()]
}

type Cells = readonly string[]

function resultTable(evaluation: ClassificationEvaluation | LossEvaluation, texts: Texts): string[] {
  return aligned(evaluation.kind === 'loss' ? lossRows(evaluation, texts) : classRows(evaluation, texts))
}

/** First column left, the others right-aligned; columns that are empty everywhere are left out. */
function aligned(rows: readonly Cells[]): string[] {
  const used = (rows[0] as Cells)
    .map((_head, c) => c)
    .filter((c) => c === 0 || rows.slice(1).some((row) => row[c] !== ''))
  const widths = used.map((c) => Math.max(...rows.map((row) => displayWidth(row[c] as string))))
  const lines = rows.map((row) =>
    used.map((c, i) => padWidth(row[c] as string, widths[i] as number, i === 0 ? 'right' : 'left')).join('  '),
  )
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)))
  return [lines[0] as string, rule, ...lines.slice(1)].map((line) => (INDENT + line).trimEnd())
}

/** Each metric takes two lines: the value, then its 95 % interval. */
function classRows({ base, tuned, majority, comparison }: ClassificationEvaluation, texts: Texts): Cells[] {
  const { format, plain } = texts
  const metricRows = (metric: 'accuracy' | 'macroF1', difference: PairedDifference | undefined): Cells[] => {
    const percent = metric === 'accuracy'
    const value = (result: ClassificationResult | undefined) =>
      result === undefined ? '' : percent ? format.percent(result.accuracy) : format.decimal(result.macroF1, 3)
    const bound = (number: number) => (percent ? format.decimal(number * 100, 1) : format.decimal(number, 3))
    const signed = (number: number) => (percent ? format.signed(number * 100, 1) : format.signed(number, 3))
    const interval = (range: Interval | undefined, write = bound) => (range ? format.interval(range, write) : '')
    return [
      [
        plain(`results.${metric}`),
        value(base),
        value(tuned),
        difference ? signed(difference.difference) : '',
        value(majority),
      ],
      ['', interval(base?.ci95[metric]), interval(tuned.ci95[metric]), interval(difference?.ci95, signed), ''],
    ]
  }
  const of = (result: ClassificationResult | undefined) =>
    result ? `${format.integer(result.correct)}/${result.n}` : ''
  const heads = [
    plain('results.metric'),
    plain('terminal.base'),
    plain('terminal.tuned'),
    plain('results.change'),
    plain('terminal.majority', { label: fitWidth(visibleText(clip(majority.label, 40)), 12) }),
  ]
  return [
    heads,
    ...metricRows('accuracy', comparison?.accuracy),
    ...metricRows('macroF1', comparison?.macroF1),
    [
      plain('terminal.right'),
      of(base),
      of(tuned),
      base ? format.signed(tuned.correct - base.correct, 0) : '',
      of(majority),
    ],
  ]
}

function lossRows({ base, tuned, comparison }: LossEvaluation, texts: Texts): Cells[] {
  const { format, plain } = texts
  const value = (result: LossResult | undefined, metric: 'loss' | 'perplexity') =>
    result === undefined ? '' : format.decimal(result[metric], metric === 'loss' ? 3 : 2)
  const interval = (result: LossResult | undefined, metric: 'loss' | 'perplexity') =>
    result === undefined
      ? ''
      : format.interval(result.ci95[metric], (v) => format.decimal(v, metric === 'loss' ? 3 : 2))
  const signed = (number: number) => format.signed(number, 3)
  return [
    [plain('results.metric'), plain('terminal.base'), plain('terminal.tuned'), plain('results.change')],
    [
      plain('results.loss'),
      value(base, 'loss'),
      value(tuned, 'loss'),
      comparison ? signed(comparison.loss.difference) : '',
    ],
    [
      '',
      interval(base, 'loss'),
      interval(tuned, 'loss'),
      comparison ? format.interval(comparison.loss.ci95, signed) : '',
    ],
    [plain('results.perplexity'), value(base, 'perplexity'), value(tuned, 'perplexity'), ''],
    ['', interval(base, 'perplexity'), interval(tuned, 'perplexity'), ''],
  ]
}

/** Name and facts; a line that would grow too long goes on below. */
function factLines(data: ReportData, texts: Texts): string[] {
  const { adapter } = data
  const facts: [string, (string | undefined)[]][] = [
    [texts.plain('terminal.weakest'), weakest(data, texts)],
    [texts.plain('terminal.data'), dataFacts(data, texts)],
    [texts.plain('terminal.train'), trainFacts(data, texts)],
    [texts.plain('terminal.adapter'), adapter ? [`SHA-256 ${visibleText(adapter.sha256.slice(0, 16))}…`] : []],
  ]
  const shown = facts.filter(([, parts]) => parts.length > 0)
  const width = Math.max(...shown.map(([name]) => displayWidth(name)))
  const separator = texts.lang === 'zh' ? '，' : ', '
  return shown.flatMap(([name, parts]) => {
    const lines = packed(
      parts.filter((part) => part !== undefined),
      separator,
      WIDTH - INDENT.length - width - 2,
    )
    return lines.map((line, i) => `${INDENT}${padWidth(i === 0 ? name : '', width)}  ${line}`)
  })
}

/** Joins parts into lines of at most `cells` cells, breaking between parts only. */
function packed(parts: readonly string[], separator: string, cells: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part
    if (line !== '' && displayWidth(longer) > cells) {
      lines.push(line)
      line = part
    } else line = longer
  }
  return [...lines, line]
}

function dataFacts({ data }: ReportData, texts: Texts): (string | undefined)[] {
  const { plain } = texts
  const { ratioBefore, ratioAfter, testSplitUses } = data
  return [
    plain('terminal.dataRows', { train: data.trainRows, test: data.testRows }),
    ratioBefore && ratioAfter
      ? plain('terminal.ratio', { before: ratio(ratioBefore, texts), after: ratio(ratioAfter, texts) })
      : undefined,
    testSplitUses === undefined ? undefined : plain('terminal.testUses', { count: testSplitUses }),
  ]
}

function trainFacts({ train }: ReportData, { format, plain }: Texts): (string | undefined)[] {
  const { rowsPerSecond, peakMemoryBytes } = train
  return [
    plain('terminal.steps', { steps: train.steps }),
    format.duration(train.seconds),
    rowsPerSecond === undefined
      ? undefined
      : plain('training.rowsPerSecond', { rows: format.decimal(rowsPerSecond, 1) }),
    peakMemoryBytes === undefined ? undefined : plain('figure.memory', { value: format.bytes(peakMemoryBytes) }),
  ]
}

function weakest({ evaluation }: ReportData, texts: Texts): string[] {
  if (evaluation?.kind !== 'classification') return []
  return Object.entries(evaluation.tuned.perClass)
    .toSorted(([, a], [, b]) => a.f1 - b.f1)
    .slice(0, WEAKEST)
    .map(([label, { f1 }]) => `${fitWidth(visibleText(clip(label, 60)), 24)} ${texts.format.decimal(f1, 2)}`)
}
