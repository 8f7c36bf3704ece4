import type { KeySummary } from '../../contract/app.ts'
import { type Lang, message } from '../../contract/messages/index.ts'
import { table } from '../text.ts'
import { renderGeneric } from './generic.ts'

export function renderKey(key: KeySummary, lang: Lang): string {
  return renderGeneric({ ...key, status: message(lang, `key.${key.status}`) })
}

export function renderKeys({ keys }: { keys: KeySummary[] }, lang: Lang): string {
  if (keys.length === 0) return message(lang, 'result.empty')
  const header = (['column.id', 'column.name', 'column.status'] as const).map((key) => message(lang, key))
  return table(
    header,
    keys.map(({ id, name, status }) => [id, name, message(lang, `key.${status}`)]),
  )
}
