import { AppError } from '../../kit/index.ts'
import type { ChatMessage, ChatTemplate } from './template.ts'

/** Nesting of a message's fields (tool calls and the like). */
const MAXIMUM_DEPTH = 64
/** A role becomes part of the template's own text, so it may be a plain word only. */
const ROLE = /^[\p{L}\p{N}_.-]{1,64}$/u

/**
 * Checks a conversation from a row. Throws `text.message_invalid` or, for a part that is not text,
 * `text.content_unsupported`. `index` in the facts counts from 0.
 */
export function checkMessages(messages: readonly ChatMessage[]): void {
  messages.forEach((message: unknown, index) => {
    if (typeof message !== 'object' || message === null) throw malformed(index, 'not an object')
    const { role, content } = message as Partial<ChatMessage>
    if (typeof role !== 'string' || !ROLE.test(role)) throw malformed(index, '"role" is not a plain word')
    checkContent(content, index)
    checkDepth(message, index, 0)
  })
}

function malformed(index: number, reason: string): AppError {
  return new AppError('text.message_invalid', { index, reason })
}

function checkContent(content: unknown, index: number): void {
  if (typeof content === 'string') return
  if (!Array.isArray(content)) throw malformed(index, '"content" is neither text nor a list of parts')
  for (const part of content as unknown[]) {
    if (typeof part !== 'object' || part === null) throw malformed(index, 'a content part is not an object')
    const { type, text } = part as { type?: unknown; text?: unknown }
    if (typeof type !== 'string') throw malformed(index, 'a content part has no type')
    if (type !== 'text') throw new AppError('text.content_unsupported', { index, type: type.slice(0, 40) })
    if (typeof text !== 'string') throw malformed(index, 'a text part has no text')
  }
}

function checkDepth(value: unknown, index: number, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAXIMUM_DEPTH) throw malformed(index, 'nested too deeply')
  for (const item of Object.values(value)) checkDepth(item, index, depth + 1)
}

const PROBE = 'probe'

/** Whether the template shows the text of a list of parts; one written for plain texts fails or prints the list. */
function readsParts(template: ChatTemplate): boolean {
  try {
    const message: ChatMessage = { role: 'user', content: [{ type: 'text', text: PROBE }] }
    const text = template.render([message], { addGenerationPrompt: false })
    return text.includes(PROBE) && !text.includes(`'${PROBE}'`) && !text.includes(`"${PROBE}"`)
  } catch {
    return false
  }
}

/** Lists of text parts become one text for a template that cannot read lists. */
export function fitContent(template: ChatTemplate, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (messages.every(({ content }) => typeof content === 'string') || readsParts(template)) return messages
  return messages.map((message) => {
    const { content } = message
    return typeof content === 'string' ? message : { ...message, content: content.map(({ text }) => text).join('') }
  })
}
