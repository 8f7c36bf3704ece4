import { Template as OtherTemplate } from '@huggingface/jinja'
import { describe, expect, it } from 'vitest'
import { isAppError, randomStream } from '../../kit/index.ts'
import { jsonTokenizer, readJson, readText } from '../testing/fixtures.ts'
import { assistantSpansByPrefix } from './conversation.ts'
import { interpret } from './interpret.ts'
import { parseTemplate } from './parse.ts'
import { type ChatMessage, type ChatTemplate, compileChatTemplate } from './template.ts'

interface Conversation {
  messages: ChatMessage[]
  rendered?: string
  rendered_with_generation_prompt?: string
  error?: string
  ids?: number[]
  ids_with_generation_prompt?: number[]
  assistant_spans_utf16?: [number, number][]
  assistant_spans_by_prefix_utf16?: [number, number][] | null
}

interface Recorded {
  tokenizer: string
  special_tokens: Record<string, string>
  extra_variables: Record<string, unknown>
  conversations: Conversation[]
}

const names = [
  'chatml-default-system',
  'chatml-generation',
  'features',
  'inst-alternating',
  'llama3-headers',
  'think-strip',
]

function load(name: string): { template: ChatTemplate; recorded: Recorded } {
  const recorded = readJson(`chat-templates/${name}.json`) as Recorded
  const { bos_token: bosToken, eos_token: eosToken, unk_token: unkToken, pad_token: padToken } = recorded.special_tokens
  const specials = { bosToken, eosToken, unkToken, padToken }
  return { template: compileChatTemplate(readText(`chat-templates/${name}.jinja`), specials), recorded }
}

const pairs = (spans: readonly { begin: number; end: number }[] | null): unknown =>
  spans === null ? null : spans.map(({ begin, end }) => [begin, end])

describe.each(names)('template %s against the recorded reference', (name) => {
  const { template, recorded } = load(name)
  const variables = recorded.extra_variables

  it('renders, or refuses in its own words', () => {
    expect(recorded.conversations.length).toBe(10)
    for (const { messages, rendered, rendered_with_generation_prompt, error } of recorded.conversations) {
      if (error !== undefined) {
        let caught: unknown
        try {
          template.render(messages, { addGenerationPrompt: false, variables })
        } catch (problem) {
          caught = problem
        }
        expect(isAppError(caught, 'text.template.raised') && caught.data.message).toBe(error)
        continue
      }
      expect(template.render(messages, { addGenerationPrompt: false, variables })).toBe(rendered)
      expect(template.render(messages, { addGenerationPrompt: true, variables })).toBe(rendered_with_generation_prompt)
    }
  })

  it('finds what the assistant says', () => {
    for (const { messages, error, ...wanted } of recorded.conversations) {
      if (error !== undefined) continue
      const { spans } = template.renderWithSpans(messages, { addGenerationPrompt: false, variables })
      expect(pairs(spans)).toEqual(wanted.assistant_spans_utf16 ?? null)
      expect(pairs(assistantSpansByPrefix(template, messages, variables))).toEqual(
        wanted.assistant_spans_by_prefix_utf16,
      )
    }
  })

  it('gives the recorded ids when its text is tokenised', () => {
    if (recorded.conversations.every(({ ids }) => ids === undefined)) return
    const tokenizer = jsonTokenizer(recorded.tokenizer)
    for (const {
      rendered,
      ids,
      rendered_with_generation_prompt,
      ids_with_generation_prompt,
    } of recorded.conversations) {
      if (rendered === undefined) continue
      expect(tokenizer.encode(rendered, { specials: 'parse' })).toEqual(ids)
      expect(tokenizer.encode(rendered_with_generation_prompt as string, { specials: 'parse' })).toEqual(
        ids_with_generation_prompt,
      )
    }
  })
})

interface JinjaCase {
  template: string
  rendered?: string
  raised?: string
  error?: 'syntax' | 'runtime'
}

describe('the template language', () => {
  const { data, cases } = readJson('chat-templates/jinja-cases.json') as {
    data: Record<string, unknown>
    cases: JinjaCase[]
  }

  it('agrees with Jinja on every recorded case', () => {
    expect(cases.length).toBeGreaterThan(400)
    for (const { template, rendered, raised } of cases) {
      let got: unknown
      try {
        got = interpret(parseTemplate(template), data, 0).text
      } catch (error) {
        expect(isAppError(error), `${template}: ${String(error)}`).toBe(true)
        got = (error as { code: string }).code
      }
      if (rendered !== undefined) expect(got, template).toBe(rendered)
      else if (raised !== undefined) expect(got, template).toBe('text.template.raised')
      else expect(got, template).toMatch(/^text\.template\.(syntax|failed|unsupported|limit)$/)
    }
  })

  it('agrees with another implementation on the recorded templates and conversations', () => {
    // That implementation loses an iteration's text at `break`, which one template uses.
    for (const name of names.filter((one) => one !== 'features')) {
      const { template, recorded } = load(name)
      // That implementation knows no generation blocks; it drops their tags.
      const other = new OtherTemplate(template.source)
      for (const { messages, error } of recorded.conversations) {
        if (error !== undefined) continue
        const own = template.render(messages, { addGenerationPrompt: true, variables: recorded.extra_variables })
        const items = { ...recorded.special_tokens, ...recorded.extra_variables, messages, add_generation_prompt: true }
        const theirs = other.render(items)
        // It trims JavaScript's white space and ends lines differently around dropped tags.
        expect(own.replace(/\s+/g, ' ').trim()).toBe(theirs.replace(/\s+/g, ' ').trim())
      }
    }
  })

  it('says where and why a template fails', () => {
    const failure = (source: string): unknown => {
      try {
        compileChatTemplate(source, {}).render([{ role: 'user', content: 'secret row text' }], {
          addGenerationPrompt: false,
        })
      } catch (error) {
        return isAppError(error) ? [error.code, error.data] : error
      }
      return undefined
    }
    expect(failure('a\nb\n{{ messages[0].content + 1 }}')).toEqual([
      'text.template.failed',
      { line: 3, reason: "unsupported operand types for +: 'str' and 'int'" },
    ])
    expect(failure('{{ x.y.z }}')).toEqual(['text.template.failed', { line: 1, reason: "'x' is undefined" }])
    expect(failure('\n\n{% if %}')).toMatchObject(['text.template.syntax', { line: 3 }])
    expect(failure('x\n{% include "a" %}')).toEqual(['text.template.unsupported', { name: 'include', line: 2 }])
    expect(failure('{{ 1 | pprint }}')).toEqual(['text.template.unsupported', { name: '|pprint', line: 1 }])
    expect(failure('{{ 1 is filter }}')).toEqual(['text.template.unsupported', { name: 'is filter', line: 1 }])
  })

  it('reaches nothing outside its variables', () => {
    const render = (source: string): string =>
      compileChatTemplate(source, {}).render([{ role: 'user', content: 'x' }], { addGenerationPrompt: false })
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', '__class__', 'hasOwnProperty']) {
      expect(
        render(`{{ messages.${name} }}{{ messages[0].${name} }}{{ ''.${name} }}{{ messages[0]['${name}'] }}`),
      ).toBe('')
      expect(render(`{{ ${name} is defined }}`)).toBe('False')
    }
    for (const name of ['process', 'globalThis', 'require', 'eval', 'strftime_now']) {
      expect(render(`{{ ${name} is defined }}`)).toBe('False')
    }
  })

  it('keeps the keys of a message that look like members of an object', () => {
    const template = compileChatTemplate("{{ messages[0]['__proto__'] }}{{ messages[0].constructor }}", {})
    const message = JSON.parse('{"role":"user","content":"x","__proto__":"a","constructor":"b"}') as ChatMessage
    expect(template.render([message], { addGenerationPrompt: false })).toBe('ab')
  })
})

describe('digest', () => {
  it('covers the source and the special tokens it mentions', () => {
    const digest = (source: string, bosToken: string): string => compileChatTemplate(source, { bosToken }).digest
    expect(digest('{{ bos_token }}', 'a')).not.toBe(digest('{{ bos_token }}', 'b'))
    expect(digest('x', 'a')).toBe(digest('x', 'b'))
    expect(digest('x', 'a')).not.toBe(digest('y', 'a'))
  })
})

const inputs = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1_000

describe(`${inputs} mutated templates`, () => {
  it('render or are refused by name', () => {
    const sources = names.map((name) => readText(`chat-templates/${name}.jinja`))
    const pieces = [
      '{%',
      '%}',
      '{{',
      '}}',
      '-',
      '+',
      '(',
      ')',
      '[',
      ']',
      '|',
      '.',
      "'",
      '"',
      'if',
      'for',
      ' in ',
      'not ',
    ]
    pieces.push(
      'endfor',
      'set x =',
      '{#',
      '#}',
      '*',
      '**',
      '99999999',
      'range(9999)',
      'messages',
      '~',
      ',',
      '\\',
      '\n',
      '😀',
    )
    const messages = [
      { role: 'user', content: 'Hi <b>' },
      { role: 'assistant', content: 'there' },
    ]
    let rendered = 0
    for (let i = 0; i < inputs; i++) {
      const random = randomStream(31, 'template', i)
      let source = sources[random.int(sources.length)] as string
      for (let n = 1 + random.int(4); n > 0; n--) {
        const at = random.int(source.length)
        const cut = random.int(3) === 0 ? random.int(12) : 0
        const piece = random.int(3) === 0 ? '' : (pieces[random.int(pieces.length)] as string)
        source = source.slice(0, at) + piece + source.slice(at + cut)
      }
      try {
        compileChatTemplate(source, { bosToken: '<s>' }).render(messages, { addGenerationPrompt: true })
        rendered++
      } catch (error) {
        expect(isAppError(error), `${String(error)}\n${source}`).toBe(true)
        expect((error as { code: string }).code.startsWith('text.template.')).toBe(true)
      }
    }
    expect(rendered).toBeGreaterThan(inputs / 50)
  })
})
