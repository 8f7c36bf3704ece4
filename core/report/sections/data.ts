import type { ReportData, ReportDataset } from '../../contract/domain/report.ts'
import { BAR_LIMIT, type BarRow, pairedBars } from '../charts/bars.ts'
import { type Html, html, joined, type Part, user } from '../html.ts'
import { ratio, wasScanned } from '../notes.ts'
import type { TextKey, Texts } from '../texts/index.ts'
import { facts, figure, section } from './blocks.ts'

export function dataSection(report: ReportData, texts: Texts): Html {
  const { data } = report
  const { format, plain } = texts
  const left = facts([
    [plain('data.files'), data.files && fileNames(data.files, texts)],
    [plain('data.rows'), format.integer(data.rows)],
    [plain('data.duplicates'), format.integer(data.duplicatesRemoved)],
    [plain('data.leaks'), format.integer(data.leaksRemoved)],
    [
      plain('data.nearLeaks'),
      data.nearLeaks && plain(`data.nearLeaks.${data.nearLeaks.action}`, { found: data.nearLeaks.found }),
    ],
    [plain('data.tooLong'), format.integer(data.tooLong)],
  ])
  const right = facts([
    [plain('data.trainRows'), format.integer(data.trainRows)],
    [plain('data.validationRows'), format.integer(data.validationRows)],
    [plain('data.testRows'), format.integer(data.testRows)],
    [plain('data.ratio'), ratioText(data, texts)],
    [plain('data.balance'), data.balance && balanceName(data.balance.method, texts)],
  ])
  const personal = facts([[plain('data.personal'), personalData(data, report, texts)]], 'wide')
  return section(
    texts,
    'section.data',
    html`<div class="columns">${left}${right}</div>${personal}${classChart(data, texts)}`,
  )
}

function fileNames(files: NonNullable<ReportDataset['files']>, texts: Texts): Html {
  const names = files.slice(0, 12).map(({ name, role }) => {
    const use = texts.plain(`data.fileRole.${role}`)
    return texts.lang === 'zh' ? html`${user(name, 80)}（${use}）` : html`${user(name, 80)} (${use})`
  })
  return joined(names, texts.lang === 'zh' ? '、' : ', ')
}

function ratioText({ ratioBefore, ratioAfter }: ReportDataset, texts: Texts): Part {
  // 0 says that there are no classes.
  if (!ratioBefore || !ratioAfter) return undefined
  return texts.plain('data.ratioChange', {
    before: `${ratio(ratioBefore, texts)} : 1`,
    after: `${ratio(ratioAfter, texts)} : 1`,
  })
}

const BALANCE_NAMES: Readonly<Record<string, TextKey>> = {
  downsample: 'data.balance.downsample',
  upsample: 'data.balance.upsample',
  weight: 'data.balance.weight',
  augment: 'data.balance.augment',
  none: 'data.balance.none',
}

function balanceName(method: string, texts: Texts): Part {
  const key = Object.hasOwn(BALANCE_NAMES, method) ? BALANCE_NAMES[method] : undefined
  return key === undefined ? user(method) : texts.plain(key)
}

/** What was looked for, what was found and who answers for it. */
function personalData(data: ReportDataset, report: ReportData, texts: Texts): Part {
  if (!wasScanned(report.data)) {
    const accepted = data.privacy?.acceptedBy
    const scan = texts.rich('data.personal.notScanned')
    return accepted === undefined ? scan : sentences(scan, texts.rich('data.personal.accept', { who: accepted }), texts)
  }
  const found = Object.entries(data.personalData ?? {}).filter(([, count]) => count > 0)
  if (found.length === 0) return texts.rich('data.personal.none')
  const list = texts.format.list(found.map(([type, count]) => `${type} ${texts.format.integer(count)}`))
  const action = data.privacy?.findings ?? 'refuse'
  const who = data.privacy?.acceptedBy
  const done =
    action !== 'accept'
      ? texts.rich(`data.personal.${action}`)
      : who === undefined
        ? texts.rich('data.personal.acceptPlain')
        : texts.rich('data.personal.accept', { who })
  return sentences(texts.rich('data.personal.found', { found: list }), done, texts)
}

/** Two sentences; Chinese puts no space between them. */
const sentences = (first: Html, second: Html, { lang }: Texts): Html =>
  lang === 'zh' ? html`${first}${second}` : html`${first} ${second}`

function classChart({ classes, classesBefore }: ReportDataset, texts: Texts): Part {
  if (classes === undefined || Object.keys(classes).length === 0) return undefined
  const after = new Map(Object.entries(classes))
  const before = new Map(Object.entries(classesBefore ?? {}))
  const labels = [...new Set([...before.keys(), ...after.keys()])]
  const changed = classesBefore !== undefined && labels.some((label) => before.get(label) !== after.get(label))
  const size = (label: string) => (changed ? (before.get(label) ?? 0) : (after.get(label) ?? 0))
  labels.sort((a, b) => size(b) - size(a) || (after.get(b) ?? 0) - (after.get(a) ?? 0) || (a < b ? -1 : 1))
  const count = (map: ReadonlyMap<string, number>, label: string) => texts.format.integer(map.get(label) ?? 0)
  const rows = labels.map((label): BarRow => {
    if (!changed) return { label, after: after.get(label) ?? 0, text: count(after, label) }
    return {
      label,
      before: before.get(label) ?? 0,
      after: after.get(label) ?? 0,
      text: `${count(before, label)} → ${count(after, label)}`,
    }
  })
  const max = rows.reduce((most, row) => Math.max(most, row.before ?? 0, row.after ?? 0), 1)
  const cut = rows.length > BAR_LIMIT ? texts.plain('chart.cut', { shown: BAR_LIMIT, total: rows.length }) : undefined
  const legend = changed
    ? ([
        { style: 'before', text: texts.plain('legend.balanceBefore') },
        { style: 'after', text: texts.plain('legend.balanceAfter') },
      ] as const)
    : []
  const label = texts.plain(changed ? 'data.chart.label' : 'data.chart.only')
  return figure(texts.plain('data.chart'), legend, pairedBars(rows, max, label), cut)
}
