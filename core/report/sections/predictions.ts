import type { ChangedPrediction, ReportData, WrongPrediction } from '../../contract/domain/report.ts'
import { type Html, html, type Part, user } from '../html.ts'
import { quotedRows } from '../notes.ts'
import type { Texts } from '../texts/index.ts'
import { section, table } from './blocks.ts'

const WORST_SHOWN = 10
const CHANGED_SHOWN = 5
const TEXT_SHOWN = 280

export function predictionsSection(data: ReportData, texts: Texts): Part {
  const { worst, changed } = data
  if (worst === undefined && changed === undefined) return undefined
  const { plain } = texts
  const quotes = quotedRows(data) > 0
  const any = (worst?.length ?? 0) + (changed?.betterTotal ?? 0) + (changed?.worseTotal ?? 0) > 0
  const body = html`${!quotes && any && html`<p class="small">${plain('predictions.noText')}</p>`}${worst && worstList(worst, quotes, texts)}${
    changed &&
    html`<h3>${plain('predictions.worse', { total: changed.worseTotal })}</h3>${changedList(changed.worse, quotes, 'predictions.noneWorse', texts)}<h3>${plain('predictions.better', { total: changed.betterTotal })}</h3>${changedList(changed.better, quotes, 'predictions.noneBetter', texts)}`
  }`
  return section(texts, 'section.predictions', body)
}

function worstList(worst: readonly WrongPrediction[], quotes: boolean, texts: Texts): Html {
  const { plain, format } = texts
  const title = html`<h3>${plain('predictions.worst')}</h3>`
  if (worst.length === 0) return html`${title}<p>${plain('predictions.none')}</p>`
  const heads = [
    rowHead(quotes, texts),
    { head: plain('predictions.gold') },
    { head: plain('predictions.predicted') },
    { head: plain('predictions.confidence'), num: true },
  ]
  const rows = worst
    .slice(0, WORST_SHOWN)
    .map((row) => [
      rowText(row),
      user(row.gold, 120),
      user(row.predicted, 120),
      format.percent(Math.min(row.confidence, 0.999), row.confidence > 0.99 ? 1 : 0),
    ])
  return html`${title}<p class="small">${plain('predictions.worstExplain')}</p>${table(heads, rows, 'predictions')}`
}

function changedList(
  changed: readonly ChangedPrediction[],
  quotes: boolean,
  none: 'predictions.noneBetter' | 'predictions.noneWorse',
  texts: Texts,
): Html {
  const { plain } = texts
  if (changed.length === 0) return html`<p class="small">${plain(none)}</p>`
  const heads = [
    rowHead(quotes, texts),
    { head: plain('predictions.gold') },
    { head: plain('predictions.base') },
    { head: plain('predictions.tuned') },
  ]
  const rows = changed
    .slice(0, CHANGED_SHOWN)
    .map((row) => [rowText(row), user(row.gold, 120), user(row.base, 120), user(row.tuned, 120)])
  return table(heads, rows, 'predictions')
}

const rowHead = (quotes: boolean, { plain }: Texts) => ({
  head: plain(quotes ? 'predictions.text' : 'predictions.row'),
  style: 'quote',
})

const rowText = ({ rowId, text }: { rowId: string; text?: string | undefined }): Html =>
  text === undefined ? html`<code>${user(rowId, 80)}</code>` : user(text, TEXT_SHOWN)
