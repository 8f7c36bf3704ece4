import { invariant } from '../../kit/index.ts'
import { type Formats, formatsFor, type Lang } from '../format.ts'
import { Html, html, user } from '../html.ts'
import { clip, visibleText } from '../visible.ts'
import { en } from './en.ts'
import { type TextKey, zh } from './zh.ts'

export type { TextKey } from './zh.ts'

/** Values of a sentence: numbers are formatted as whole numbers, strings are data, markup is placed as it is. */
export type TextValues = Readonly<Record<string, string | number | Html>>

/** The sentences of one language. */
export interface Texts {
  lang: Lang
  format: Formats
  /** A sentence as markup; data in it is escaped and isolated. */
  rich(key: TextKey, values?: TextValues): Html
  /** A sentence as plain text with hidden characters shown (attributes, terminal). */
  plain(key: TextKey, values?: Readonly<Record<string, string | number>>): string
}

const PLACEHOLDER = /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g

export function textsFor(lang: Lang): Texts {
  const catalogue: Readonly<Record<TextKey, string>> = lang === 'zh' ? zh : en
  const format = formatsFor(lang)

  const pieces = (key: TextKey, values: TextValues): (string | Html)[] => {
    const text = catalogue[key]
    const out: (string | Html)[] = []
    let at = 0
    for (const match of text.matchAll(PLACEHOLDER)) {
      const [whole, name, one, many] = match as unknown as [string, string, string | undefined, string | undefined]
      const value = values[name]
      invariant(value !== undefined, `text ${key} lacks ${name}`)
      out.push(text.slice(at, match.index), valueText(value))
      if (many !== undefined) out.push(` ${value === 1 ? one : many}`)
      at = match.index + whole.length
    }
    return [...out, text.slice(at)]
  }
  const valueText = (value: string | number | Html): string | Html => {
    if (value instanceof Html) return value
    if (typeof value === 'number')
      return html`${Number.isInteger(value) ? format.integer(value) : format.setting(value)}`
    return user(value)
  }
  return {
    lang,
    format,
    rich: (key, values = {}) => html`${pieces(key, values)}`,
    plain: (key, values = {}) => plainText(catalogue[key], values, format),
  }
}

function plainText(text: string, values: Readonly<Record<string, string | number>>, format: Formats): string {
  return text.replace(PLACEHOLDER, (_all, name: string, one: string | undefined, many: string | undefined) => {
    const value = values[name]
    invariant(value !== undefined, `text lacks ${name}`)
    if (typeof value === 'string') return visibleText(clip(value, 400))
    const number = Number.isInteger(value) ? format.integer(value) : format.setting(value)
    return many === undefined ? number : `${number} ${value === 1 ? one : many}`
  })
}
