import { fill } from '../errors/describe.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export type Lang = 'zh' | 'en'
export type MessageKey = keyof typeof zh

export const messages: Readonly<Record<Lang, Readonly<Record<MessageKey, string>>>> = { zh, en }

/** A text of the catalogue in one language, its `{facts}` filled in. */
export function message(lang: Lang, key: MessageKey, data: Readonly<Record<string, unknown>> = {}): string {
  return fill(messages[lang][key], data, lang)
}

/** Whether a text is a key of the catalogue (for events that come from another process). */
export function isMessageKey(text: string): text is MessageKey {
  return Object.hasOwn(zh, text)
}
