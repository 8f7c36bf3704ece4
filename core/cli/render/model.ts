import type { ModelDetails, ModelSummary, ModelVerification } from '../../contract/app.ts'
import { type Lang, message } from '../../contract/messages/index.ts'
import { byteSize, figure, table } from '../text.ts'
import { renderGeneric } from './generic.ts'

export function renderModels({ models }: { models: ModelSummary[] }, lang: Lang): string {
  if (models.length === 0) return message(lang, 'result.empty')
  const keys = [
    'column.id',
    'column.family',
    'column.parameters',
    'column.size',
    'column.storage',
    'column.source',
  ] as const
  const rows = models.map((model) => [
    model.id,
    model.family,
    figure(model.parameters, 0),
    byteSize(model.bytes),
    model.storage,
    message(lang, `source.${model.source}`),
  ])
  return table(
    keys.map((key) => message(lang, key)),
    rows,
  )
}

export function renderModel(model: ModelDetails, lang: Lang): string {
  return renderGeneric({ ...model, bytes: byteSize(model.bytes), source: message(lang, `source.${model.source}`) })
}

export function renderVerification({ id, checks }: ModelVerification, lang: Lang): string {
  const header = [message(lang, 'column.check'), message(lang, 'column.result')]
  const rows = checks.map(({ name, ok, expected, found }) => [
    name,
    ok ? message(lang, 'check.ok') : `${message(lang, 'check.failed')}: ${expected} ≠ ${found}`,
  ])
  return `${id}\n${table(header, rows)}`
}
