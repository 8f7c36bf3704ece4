import { canonicalJson, sha256 } from '../../kit/index.ts'
import { interpret, type Span } from './interpret.ts'
import { parseTemplate } from './parse.ts'

/** A part of a message's content. Only text exists so far; other kinds are refused when a conversation is encoded. */
export interface ContentPart {
  readonly type: 'text'
  readonly text: string
}

/** One turn. Fields beyond these two (`tool_calls`, `reasoning_content` …) are shown to the template as they are. */
export interface ChatMessage {
  readonly role: string
  readonly content: string | readonly ContentPart[]
  readonly [field: string]: unknown
}

export interface RenderOptions {
  /** Ends the text with the opening of the assistant's next turn. */
  readonly addGenerationPrompt: boolean
  /** Further variables of the template, such as `enable_thinking` or `tools`. */
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface ChatTemplate {
  readonly source: string
  /** SHA-256 over the source and those special tokens that the source mentions. */
  readonly digest: string
  /** Whether the template marks what the assistant says with generation blocks. */
  readonly hasGeneration: boolean
  /** The conversation as one text. Throws `text.template.failed`, `.raised`, `.unsupported` or `.limit`. */
  render(messages: readonly ChatMessage[], options: RenderOptions): string
  /**
   * The same, with the UTF-16 spans of generation blocks: null when the template has none, or when one ran where its
   * place is unknown.
   */
  renderWithSpans(
    messages: readonly ChatMessage[],
    options: RenderOptions,
  ): { text: string; spans: readonly Span[] | null }
}

/** Texts of the tokens that templates may mention by name. */
export interface TemplateSpecials {
  readonly bosToken?: string | undefined
  readonly eosToken?: string | undefined
  readonly unkToken?: string | undefined
  readonly padToken?: string | undefined
}

/**
 * Parses a chat template (Jinja, as published in `chat_template`). Throws `text.template.syntax`, `.unsupported` or
 * `.limit`. Rendering is bounded: see `templateLimits`.
 */
export function compileChatTemplate(source: string, specials: TemplateSpecials): ChatTemplate {
  const program = parseTemplate(source)
  const tokens = {
    bos_token: specials.bosToken,
    eos_token: specials.eosToken,
    unk_token: specials.unkToken,
    pad_token: specials.padToken,
  }
  const mentioned = Object.entries(tokens).filter(([name, token]) => token !== undefined && program.names.has(name))
  const renderWithSpans: ChatTemplate['renderWithSpans'] = (messages, options) => {
    const variables = {
      ...tokens,
      ...options.variables,
      messages,
      add_generation_prompt: options.addGenerationPrompt,
    }
    const { text, generations } = interpret(program, variables, inputUnits(messages))
    return { text, spans: program.hasGeneration ? generations : null }
  }
  return {
    source,
    digest: sha256(canonicalJson({ version: 1, source, specials: Object.fromEntries(mentioned) })),
    hasGeneration: program.hasGeneration,
    render: (messages, options) => renderWithSpans(messages, options).text,
    renderWithSpans,
  }
}

/** Rough size of a conversation: what its rendering may cost grows with it. */
function inputUnits(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => {
    if (typeof content === 'string') return sum + content.length
    return (
      sum + (Array.isArray(content) ? content.reduce((all: number, part) => all + (part?.text?.length ?? 0), 0) : 0)
    )
  }, messages.length * 100)
}
