import { AppError, isAppError } from '../../kit/index.ts'
import { type Disguise, type Tokenizer, undisguise } from '../tokenizer/tokenizer.ts'
import { breakSpecials, chooseDisguise, type Disguised, disguiseAll } from './disguise.ts'
import type { Span } from './interpret.ts'
import { checkMessages, fitContent } from './messages.ts'
import type { ChatMessage, ChatTemplate, RenderOptions } from './template.ts'

export interface EncodedConversation {
  readonly ids: number[]
  /** The rendered text that the ids stand for. */
  readonly text: string
  /**
   * Token ranges, end exclusive, of what the assistant says: its tokens and the end-of-turn token directly after it,
   * nothing beyond. These are the supervised tokens.
   */
  readonly assistantSpans: readonly Span[]
}

/**
 * Renders and tokenises a conversation. The template's own text is parsed for special tokens, all row text is literal:
 * a row that holds `<|im_end|>` cannot forge a turn. Prompt and answer are tokenised together, and where no row text
 * looks like an added token the ids are those of the rendered text. Throws `text.message_invalid`,
 * `text.content_unsupported`, `text.template.no_span` and whatever rendering and tokenising throw.
 */
export function encodeConversation(
  tokenizer: Tokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderOptions,
): EncodedConversation {
  checkMessages(messages)
  const fitting = fitContent(template, messages)
  const { variables = {} } = options
  const disguise = chooseDisguise(tokenizer, [fitting, variables], template.source)
  const safe = new Attempt(tokenizer, template, disguiseAll(fitting, variables, disguise), options.addGenerationPrompt)
  if (disguise.size === 0) return safe.result()
  const plain = template.render(fitting, options)
  if (safe.text === plain) return safe.result()
  // The template looks at characters that were disguised. Show it more, if that changes no special token.
  const stand = disguise.keys().next().value as string
  const broken = breakSpecials(tokenizer, fitting, variables, stand)
  const closer = new Attempt(tokenizer, template, broken, options.addGenerationPrompt)
  const faithful = closer.text === plain && String(closer.specials) === String(safe.specials)
  return (faithful ? closer : safe).result()
}

/** One way of disguising a conversation, rendered and tokenised. */
class Attempt {
  readonly text: string
  readonly #tokenizer: Tokenizer
  readonly #disguise: Disguise
  readonly #rendered: string
  readonly #conversation: Disguised
  readonly #template: ChatTemplate
  readonly #spans: readonly Span[] | null

  constructor(tokenizer: Tokenizer, template: ChatTemplate, conversation: Disguised, addGenerationPrompt: boolean) {
    const { messages, variables, disguise } = conversation
    const { text, spans } = template.renderWithSpans(messages, { addGenerationPrompt, variables })
    this.#tokenizer = tokenizer
    this.#template = template
    this.#conversation = conversation
    this.#disguise = disguise
    this.#rendered = text
    this.#spans = spans
    this.text = undisguise(text, disguise)
  }

  /** Ids of the special tokens in the order of the text. */
  get specials(): number[] {
    const { ids } = this.#tokenizer.encodeDisguised(this.#rendered, this.#disguise, [])
    return ids.filter((id) => this.#tokenizer.specialIds.has(id))
  }

  result(): EncodedConversation {
    const spans = this.#characterSpans()
    const places = spans.flatMap(({ begin, end }) => [begin, end])
    const { ids, at } = this.#tokenizer.encodeDisguised(this.#rendered, this.#disguise, places)
    const assistantSpans = spans.map((_, i) => {
      const begin = at[2 * i]?.holding ?? ids.length
      return { begin, end: answerEnd(this.#tokenizer, ids, begin, at[2 * i + 1]?.from ?? ids.length) }
    })
    return { ids, text: this.text, assistantSpans }
  }

  /** Generation blocks where the template has them, else the prefix rule. */
  #characterSpans(): readonly Span[] {
    const { messages, variables } = this.#conversation
    if (!messages.some(({ role }) => role === 'assistant')) return []
    if (this.#spans !== null && this.#spans.length > 0) return this.#spans
    const found = spansByPrefix(this.#template, messages, variables, this.#rendered)
    if (Array.isArray(found)) return found
    throw new AppError('text.template.no_span', { index: found })
  }
}

/**
 * Where each assistant message stands in the rendered conversation, in UTF-16 units: from the end of (all before it,
 * with the generation prompt) to the end of (all up to it). Null when one of these texts is not a beginning of the
 * next, because the template writes earlier turns differently later.
 */
export function assistantSpansByPrefix(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>> = {},
): readonly Span[] | null {
  const whole = template.render(messages, { addGenerationPrompt: false, variables })
  const found = spansByPrefix(template, messages, variables, whole)
  return Array.isArray(found) ? found : null
}

/** The spans, or the index of the first message whose place cannot be told. */
function spansByPrefix(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>>,
  whole: string,
): readonly Span[] | number {
  const spans: Span[] = []
  for (let i = 0; i < messages.length; i++) {
    if (messages[i]?.role !== 'assistant') continue
    const before = beginning(template, messages.slice(0, i), { addGenerationPrompt: true, variables })
    const upTo = beginning(template, messages.slice(0, i + 1), { addGenerationPrompt: false, variables })
    if (before === null || upTo === null || !upTo.startsWith(before) || !whole.startsWith(upTo)) return i
    spans.push({ begin: before.length, end: upTo.length })
  }
  return spans
}

/** A part of the conversation, or null when the template refuses it on its own. */
function beginning(template: ChatTemplate, messages: readonly ChatMessage[], options: RenderOptions): string | null {
  try {
    return template.render(messages, options)
  } catch (error) {
    if (isAppError(error, 'text.template.raised') || isAppError(error, 'text.template.failed')) return null
    throw error
  }
}

/** Cuts a span of tokens after its end-of-turn token, or takes that token in when it follows directly. */
function answerEnd(tokenizer: Tokenizer, ids: readonly number[], begin: number, end: number): number {
  const isSpecial = (at: number): boolean => tokenizer.specialIds.has(ids[at] as number)
  // A special token at the very beginning opens the answer, unless it is all there is.
  for (let at = begin + 1; at < end; at++) if (isSpecial(at)) return at + 1
  if (begin < end && isSpecial(begin)) return begin + 1
  const bos = tokenizer.roles.bos === undefined ? undefined : tokenizer.idOf(tokenizer.roles.bos)
  const eos = tokenizer.roles.eos === undefined ? undefined : tokenizer.idOf(tokenizer.roles.eos)
  const follows = end < ids.length && isSpecial(end) && (ids[end] === eos || ids[end] !== bos)
  return follows ? end + 1 : end
}
