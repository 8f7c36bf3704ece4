import { basename, dirname, join } from 'node:path'
import { diskFiles, isAppError } from '../../core/kit/index.ts'
import {
  assistantSpansByPrefix,
  type ChatMessage,
  type ChatTemplate,
  compileChatTemplate,
  type Span,
  type Tokenizer,
} from '../../core/text/index.ts'
import { readJsonFile } from './reference.ts'
import { type ParityReport, Report } from './report.ts'
import { jsonTokenizer } from './tokenizers.ts'

type Pairs = readonly (readonly [number, number])[]

/** One recorded conversation: either what rendering gives, or the message it is refused with. */
interface RecordedConversation {
  readonly messages: readonly ChatMessage[]
  readonly error?: string
  readonly rendered: string
  readonly rendered_with_generation_prompt: string
  readonly ids: readonly number[]
  readonly ids_with_generation_prompt: readonly number[]
  /** Generation blocks; only where the template has them. Offsets count code points, `_utf16` JavaScript's units. */
  readonly assistant_spans?: Pairs
  readonly assistant_spans_utf16?: Pairs
  readonly assistant_tokens_mask?: readonly number[]
  /** Null where an earlier turn is written differently later. */
  readonly assistant_spans_by_prefix: Pairs | null
  readonly assistant_spans_by_prefix_utf16: Pairs | null
}

interface RecordedTemplate {
  readonly tokenizer: string
  readonly special_tokens: Readonly<Record<string, string>>
  readonly extra_variables: Readonly<Record<string, unknown>>
  readonly uses_generation_block: boolean
  readonly conversations: readonly RecordedConversation[]
}

const knownFields = new Set([
  ...['messages', 'error', 'rendered', 'rendered_with_generation_prompt', 'ids', 'ids_with_generation_prompt'],
  ...['assistant_spans', 'assistant_spans_utf16', 'assistant_tokens_mask'],
  ...['assistant_spans_by_prefix', 'assistant_spans_by_prefix_utf16'],
])

/** Recomputes a `chat-templates` folder; the tokenizers are those of the folder `tokenizers` beside it. */
export function checkChatTemplates(folder: string): ParityReport {
  const report = new Report(folder, 'chat-templates')
  for (const file of diskFiles.list(folder).filter((name) => name.endsWith('.jinja'))) {
    checkTemplate(report, folder, basename(file, '.jinja'))
  }
  return report.finish()
}

function checkTemplate(report: Report, folder: string, name: string): void {
  const recorded = readJsonFile<RecordedTemplate>(folder, `${name}.json`)
  const { special_tokens: tokens } = recorded
  const source = new TextDecoder().decode(diskFiles.read(join(folder, `${name}.jinja`)))
  let template: ChatTemplate
  try {
    template = compileChatTemplate(source, {
      bosToken: tokens.bos_token,
      eosToken: tokens.eos_token,
      unkToken: tokens.unk_token,
      padToken: tokens.pad_token,
    })
  } catch (error) {
    if (!isAppError(error, 'text.template.unsupported')) throw error
    const why = `the template uses "${error.data.name}", which is not supported by this version`
    report.skip(`rendered.${name}`, why)
    report.skip(`spans.${name}`, why)
    return
  }
  const subject: Subject = {
    template,
    tokenizer: jsonTokenizer(join(dirname(folder), 'tokenizers', recorded.tokenizer)),
    variables: recorded.extra_variables,
  }
  const { conversations } = recorded
  const wrong = (holds: (one: RecordedConversation) => boolean): number => conversations.filter((c) => !holds(c)).length
  report.equal(
    `rendered.${name}`,
    wrong((one) => rendersAsRecorded(subject, one)),
  )
  const generation = template.hasGeneration === recorded.uses_generation_block ? 0 : 1
  report.equal(`spans.${name}`, generation + wrong((one) => spansAsRecorded(subject, one)))
  const unknown = new Set(conversations.flatMap((one) => Object.keys(one)).filter((field) => !knownFields.has(field)))
  report.account([...unknown].map((field) => `${name}.${field}`))
}

interface Subject {
  readonly template: ChatTemplate
  readonly tokenizer: Tokenizer
  readonly variables: Readonly<Record<string, unknown>>
}

/** Both texts and their ids, or the refusal in the template's own words. */
function rendersAsRecorded({ template, tokenizer, variables }: Subject, one: RecordedConversation): boolean {
  try {
    return ([false, true] as const).every((addGenerationPrompt) => {
      const text = template.render(one.messages, { addGenerationPrompt, variables })
      const ids = String(tokenizer.encode(text, { specials: 'parse' }))
      if (one.error !== undefined) return false
      return addGenerationPrompt
        ? text === one.rendered_with_generation_prompt && ids === String(one.ids_with_generation_prompt)
        : text === one.rendered && ids === String(one.ids)
    })
  } catch (error) {
    if (!isAppError(error)) throw error
    return error.code === 'text.template.raised' && error.data.message === one.error
  }
}

/** Spans of generation blocks with their token mask, and spans by prefix, both in both units. */
function spansAsRecorded({ template, tokenizer, variables }: Subject, one: RecordedConversation): boolean {
  if (one.error !== undefined) return true // nothing is rendered, so there is nothing to mark
  const { text, spans } = template.renderWithSpans(one.messages, { addGenerationPrompt: false, variables })
  const prefix = assistantSpansByPrefix(template, one.messages, variables)
  const agrees = (found: readonly Span[] | null, utf16: Pairs | null, points: Pairs | null): boolean =>
    String(pairs(found)) === String(utf16) && String(pairs(inCodePoints(text, found))) === String(points)
  const blocks =
    one.assistant_spans === undefined
      ? spans === null
      : agrees(spans, one.assistant_spans_utf16 ?? null, one.assistant_spans) &&
        String(tokenMask(tokenizer, text, spans ?? [])) === String(one.assistant_tokens_mask)
  return blocks && agrees(prefix, one.assistant_spans_by_prefix_utf16, one.assistant_spans_by_prefix)
}

function pairs(spans: readonly Span[] | null): Pairs | null {
  return spans === null ? null : spans.map(({ begin, end }) => [begin, end] as const)
}

function inCodePoints(text: string, spans: readonly Span[] | null): readonly Span[] | null {
  const points = (at: number): number => [...text.slice(0, at)].length
  return spans === null ? null : spans.map(({ begin, end }) => ({ begin: points(begin), end: points(end) }))
}

/** 1 for every token that holds a character of a span: from the token of its first to the token of its last character. */
function tokenMask(tokenizer: Tokenizer, text: string, spans: readonly Span[]): number[] {
  const places = spans.flatMap(({ begin, end }) => [begin, end - 1])
  const { ids, at } = tokenizer.encodeDisguised(text, new Map(), places)
  const mask = new Array<number>(ids.length).fill(0)
  spans.forEach((_, i) => {
    mask.fill(1, at[2 * i]!.holding, at[2 * i + 1]!.holding + 1)
  })
  return mask
}
