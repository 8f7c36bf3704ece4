import type { ReportData } from '../contract/domain/report.ts'
import type { Lang } from './format.ts'
import { html, raw } from './html.ts'
import { classesSection, confusionSection } from './sections/classes.ts'
import { dataSection } from './sections/data.ts'
import { predictionsSection } from './sections/predictions.ts'
import { notesSection, provenanceSection } from './sections/provenance.ts'
import { resultsSection } from './sections/results.ts'
import { header, summary, whatWasDone } from './sections/summary.ts'
import { trainingSection } from './sections/training.ts'
import { STYLE } from './style.ts'
import { textsFor } from './texts/index.ts'
import { clip } from './visible.ts'

/** Nothing may run and nothing may be fetched: the file shows text and our own drawings, whatever the data hold. */
export const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/**
 * One self-contained HTML file (UTF-8, no script, nothing loaded from outside) that a reader without training can
 * follow from the first sentence. Every string of `data` is shown as text. Equal data give equal bytes.
 */
export function renderReport(data: ReportData, lang: Lang): string {
  const texts = textsFor(lang)
  const title = `${clip(data.project, 120)} · ${texts.plain('title.report')}`
  const body = [
    header(data, texts),
    summary(data, texts),
    whatWasDone(data, texts),
    resultsSection(data, texts),
    classesSection(data, texts),
    confusionSection(data, texts),
    predictionsSection(data, texts),
    dataSection(data, texts),
    trainingSection(data, texts),
    notesSection(data, texts),
    provenanceSection(data, texts),
  ]
  const footer = html`<footer><span>${texts.rich('footer.made', { version: data.productVersion })}</span><span>${texts.plain('footer.selfContained')}</span></footer>`
  // The policy stands before anything that it governs.
  const page = html`<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${raw(REPORT_POLICY)}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${title}</title><style>${raw(STYLE)}</style></head><body><main>${body}${footer}</main></body></html>
`
  return page.source
}

/** The same report without the text of any test row: for a report that leaves the room (rows are named by their id). */
export function withoutRowText(data: ReportData): ReportData {
  const strip = <R extends { text?: string | undefined }>(rows: readonly R[]): R[] =>
    rows.map((row) => ({ ...row, text: undefined }))
  const { worst, changed } = data
  return {
    ...data,
    ...(worst && { worst: strip(worst) }),
    ...(changed && { changed: { ...changed, better: strip(changed.better), worse: strip(changed.worse) } }),
  }
}
