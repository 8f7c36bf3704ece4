import { renderPrompt } from '../contract/recipe/placeholders.ts'
import type { PromptSettings, Task } from '../contract/recipe/types.ts'
import { AppError } from '../kit/index.ts'
import { type ChatMessage, type ChatTemplate, encodeConversation, type Tokenizer } from '../text/index.ts'

/** How rows become token lists: the recipe's prompt over the model's tokenizer and chat template. */
export interface ExampleSettings {
  readonly task: Task
  readonly prompt: PromptSettings
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate | null
  /** Ends a plain text row. */
  readonly endOfText: number | null
}

/** One example as tokens, ending with its last supervised token; supervised ranges are [begin, end). */
export interface Example {
  readonly ids: Uint32Array
  readonly answers: readonly (readonly [number, number])[]
}

/** What an example is made of. */
export interface ExampleRow {
  readonly fields: Readonly<Record<string, string>>
}

/** Makes examples of rows; every text of a row is taken literally, so a row cannot forge a turn. */
export interface ExampleEncoder {
  /** The row with its own answer, as training sees it. */
  encode(row: ExampleRow): Example
  /** The row with another label in place of its own (classification scoring). */
  encodeWithLabel(row: ExampleRow, label: string): Example
  /** The conversation up to where the model answers. */
  messages(row: ExampleRow): ChatMessage[]
}

export function exampleEncoder(settings: ExampleSettings): ExampleEncoder {
  const { task, prompt } = settings
  const template = (): ChatTemplate => {
    if (settings.template === null) throw new AppError('model.no_chat_template', { task })
    return settings.template
  }
  const system = (values: Readonly<Record<string, string>>): ChatMessage[] =>
    prompt.system === null ? [] : [{ role: 'system', content: renderPrompt(prompt.system, values) }]

  const question = (values: Readonly<Record<string, string>>): ChatMessage[] =>
    prompt.user === null
      ? conversationOf(values)
      : [...system(values), { role: 'user', content: renderPrompt(prompt.user, values) }]

  const encode = (values: Readonly<Record<string, string>>): Example => {
    if (task === 'text')
      return plainText(settings, prompt.answer === null ? (values.text ?? '') : renderPrompt(prompt.answer, values))
    const messages = question(values)
    if (prompt.answer !== null) messages.push({ role: 'assistant', content: renderPrompt(prompt.answer, values) })
    const { ids, assistantSpans } = encodeConversation(settings.tokenizer, template(), messages, {
      addGenerationPrompt: false,
    })
    // An answer the user gave in an earlier turn counts too (chat); with one answer there is one span.
    const answers = assistantSpans.map(({ begin, end }) => [begin, end] as const)
    return { ids: Uint32Array.from(ids.slice(0, answers.at(-1)?.[1] ?? 0)), answers }
  }
  return {
    encode: (row) => encode(row.fields),
    encodeWithLabel: (row, label) => encode({ ...row.fields, label }),
    messages: (row) => question(row.fields),
  }
}

/** The conversation a chat row carries as JSON; reading the row has checked it (`data.messages_invalid`). */
function conversationOf(values: Readonly<Record<string, string>>): ChatMessage[] {
  return JSON.parse(values.messages ?? '[]') as ChatMessage[]
}

/** A plain text row: everything but its first token is supervised, the end of the text included. */
function plainText({ tokenizer, endOfText }: ExampleSettings, text: string): Example {
  const ids = tokenizer.encode(text, { specials: 'literal', addSpecialTokens: true })
  if (endOfText !== null && ids.at(-1) !== endOfText) ids.push(endOfText)
  return { ids: Uint32Array.from(ids), answers: ids.length > 1 ? [[1, ids.length]] : [] }
}
