import { describe, expect, it } from 'vitest'
import { randomStream, systemClock } from '../../kit/index.ts'
import { ggufMetadata, ggufTokenizer, jsonTokenizer, readBytes, readJson, tokenizerNames } from '../testing/fixtures.ts'
import { loadTokenizerGguf } from './gguf.ts'
import { loadTokenizerJson } from './json.ts'
import type { Tokenizer } from './tokenizer.ts'

interface Cases {
  vocab_size: number
  cases: { text: string; ids: number[]; ids_special: number[]; decoded: string; decoded_skip: string }[]
  pairs: { a: string; b: string; ids: number[]; type_ids: number[] }[]
}

const casesOf = (name: string): Cases => readJson(`tokenizers/${name}/cases.json`) as Cases

function expectCases(tokenizer: Tokenizer, { vocab_size, cases }: Cases): void {
  expect(tokenizer.vocabSize).toBe(vocab_size)
  for (const { text, ids, decoded, decoded_skip } of cases) {
    expect(tokenizer.encode(text, { specials: 'parse' }), JSON.stringify(text)).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decoded_skip)
  }
}

describe.each(tokenizerNames)('%s against the recorded reference', (name) => {
  const tokenizer = jsonTokenizer(name)
  const recorded = casesOf(name)

  it('encodes and decodes 200 texts', () => {
    expect(recorded.cases.length).toBe(200)
    expectCases(tokenizer, recorded)
  })

  it('adds its special tokens to texts and pairs', () => {
    for (const { text, ids_special } of recorded.cases) {
      expect(tokenizer.encode(text, { specials: 'parse', addSpecialTokens: true })).toEqual(ids_special)
    }
    for (const { a, b, ids, type_ids } of recorded.pairs) {
      expect(tokenizer.encodePair(a, b)).toEqual({ ids, typeIds: type_ids })
    }
  })

  it('never makes a special token from literal text', () => {
    const special = new Set(tokenizer.specialTokens.values())
    const unknown = tokenizer.idOf(tokenizer.roles.unk ?? '')
    const markers = [...tokenizer.addedTokens.keys()]
    for (const { text } of recorded.cases) {
      for (const marker of markers) {
        const ids = tokenizer.encode(text + marker + text, { specials: 'literal' })
        // The unknown token stands for characters that the vocabulary lacks; it is not a control token.
        expect(ids.filter((id) => special.has(id) && id !== unknown)).toEqual([])
      }
    }
  })

  it('knows its tokens by text and by id', () => {
    for (let id = 0; id < tokenizer.vocabSize; id++) expect(tokenizer.idOf(tokenizer.tokenOf(id) as string)).toBe(id)
    expect(tokenizer.tokenOf(tokenizer.vocabSize)).toBeUndefined()
    expect(tokenizer.idOf('no such token, surely')).toBeUndefined()
  })
})

describe.each(['bpe-qwen2', 'bpe-llama3', 'bpe-spm-llama2'])('%s rebuilt from GGUF metadata', (name) => {
  it('gives the same ids and texts', () => {
    expectCases(ggufTokenizer(name), casesOf(name))
  })
})

describe('digest', () => {
  it.each(['bpe-qwen2', 'bpe-llama3'])('is the same from both files: %s', (name) => {
    expect(ggufTokenizer(name).digest).toBe(jsonTokenizer(name).digest)
  })

  it('does not see unused ids at the end, roles or decoders', () => {
    const metadata = ggufMetadata(readBytes('tokenizers/bpe-qwen2.gguf'))
    const plain = loadTokenizerGguf(metadata)
    metadata.set('tokenizer.ggml.eos_token_id', 0)
    expect(loadTokenizerGguf(metadata).digest).toBe(plain.digest)
    const padded = new Map(metadata)
    padded.set('tokenizer.ggml.tokens', [...(metadata.get('tokenizer.ggml.tokens') as string[]), '[PAD563]'])
    padded.set('tokenizer.ggml.token_type', [...(metadata.get('tokenizer.ggml.token_type') as number[]), 5])
    expect(loadTokenizerGguf(padded).vocabSize).toBe(564)
    expect(loadTokenizerGguf(padded).digest).toBe(plain.digest)
  })

  it('changes with whatever changes ids', () => {
    const read = (): Record<string, never> => readJson('tokenizers/bpe-qwen2/tokenizer.json') as Record<string, never>
    const digests = new Set<string>()
    const changes: ((root: Record<string, never>) => void)[] = [
      () => {},
      (root) => Object.assign(root, { normalizer: null }),
      (root) => Object.assign(root, { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false } }),
      (root) => Object.assign(root, { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true } }),
      (root) => Object.assign(root.model, { ignore_merges: true }),
      (root) => (root.model as { merges: unknown[] }).merges.reverse(),
      (root) => Object.assign((root.added_tokens as object[])[0] as object, { rstrip: true }),
      (root) => Object.assign((root.added_tokens as object[])[0] as object, { special: false }),
      (root) => Object.assign((root.added_tokens as object[])[0] as object, { content: '<|other|>' }),
    ]
    for (const change of changes) {
      const root = read()
      change(root)
      digests.add(loadTokenizerJson(root).digest)
    }
    expect(digests.size).toBe(changes.length)
  })
})

describe('a single endless word', () => {
  const tokenizer = jsonTokenizer('bpe-qwen2')
  it.each([
    ['one letter', 'a'],
    ['letters', 'abcdefghijklmnopqrstuvwxyz'],
    ['Chinese', '患者'],
    ['combining marks', 'e\u0301'],
    ['spaces', ' '],
    ['line breaks', '\n'],
    ['punctuation', '!?'],
    ['beginnings of a special token', '<|im_'],
  ])('of a million characters takes time in proportion: %s', (_name, unit) => {
    const text = unit.repeat(Math.floor(1_000_000 / unit.length))
    const begin = systemClock.seconds()
    const ids = tokenizer.encode(text, { specials: 'parse' })
    // Quadratic work would take hours.
    expect(systemClock.seconds() - begin).toBeLessThan(15)
    expect(tokenizer.decode(ids)).toBe(text.normalize('NFC'))
  })

  it('gives the ids of the same word in short pieces where pieces do not interact', () => {
    const one = tokenizer.encode('a', { specials: 'literal' })
    expect(tokenizer.encode('1'.repeat(5000), { specials: 'literal' })).toEqual(
      Array.from({ length: 5000 }, () => tokenizer.encode('1', { specials: 'literal' })).flat(),
    )
    expect(one.length).toBe(1)
  })

  it('refuses a text beyond its bound by name', () => {
    expect(() => tokenizer.encode('a'.repeat((1 << 22) + 1), { specials: 'literal' })).toThrow(
      'text.tokenizer.text_too_long',
    )
  })
})

const inputs = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1_000

function randomText(name: string, i: number): string {
  const random = randomStream(11, 'tokenizer', name, i)
  const alphabets = [
    () => random.int(0x80),
    () => random.int(0x800),
    () => random.int(0x10000),
    () => random.int(0x110000),
    () => 0x4e00 + random.int(0x5200),
    () => 0x1f300 + random.int(0x300),
    () => [0x20, 0x09, 0x0a, 0x0d, 0xa0, 0x85, 0x2028, 0x3000][random.int(8)] as number,
    () => [0x301, 0x327, 0x65, 0x41, 0x30a, 0x1100, 0x1161, 0xfb01][random.int(8)] as number,
  ]
  const parts = ['<|im_end|>', '<|eot_id|>', '</s>', '[SEP]', '<|im_', "'re", '<0x41>', '\u2581']
  let text = ''
  for (let n = random.int(40); n > 0; n--) {
    if (random.int(12) === 0) text += parts[random.int(parts.length)]
    else {
      const code = (alphabets[random.int(alphabets.length)] as () => number)()
      text += String.fromCharCode(...(code > 0xffff ? [] : [code])) || String.fromCodePoint(code)
    }
  }
  return text
}

describe(`${inputs} random texts`, () => {
  it.each(['bpe-bytelevel', 'bpe-qwen2', 'bpe-llama3'])('come back whole, parsed or literal: %s', (name) => {
    const tokenizer = jsonTokenizer(name)
    for (let i = 0; i < inputs; i++) {
      const text = randomText(name, i)
      const wanted = name === 'bpe-qwen2' ? undefined : text.toWellFormed()
      const literal = tokenizer.decode(tokenizer.encode(text, { specials: 'literal' }))
      expect(literal).toBe(wanted ?? text.toWellFormed().normalize('NFC'))
      const parsed = tokenizer.decode(tokenizer.encode(text, { specials: 'parse' }))
      if (wanted !== undefined) expect(parsed).toBe(wanted)
      else expect(parsed.normalize('NFC')).toBe(text.toWellFormed().normalize('NFC'))
    }
  })

  it.each(['bpe-spm-llama2', 'unigram-metaspace', 'wordpiece-bert-zh'])('are encoded and decoded: %s', (name) => {
    const tokenizer = jsonTokenizer(name)
    for (let i = 0; i < inputs; i++) {
      const ids = tokenizer.encode(randomText(name, i), { specials: 'parse', addSpecialTokens: true })
      expect(ids.every((id) => id >= 0 && id < tokenizer.vocabSize)).toBe(true)
      expect(typeof tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('string')
    }
  })

  it('decodes random ids, and refuses foreign ones by name', () => {
    for (const name of tokenizerNames) {
      const tokenizer = jsonTokenizer(name)
      const random = randomStream(12, name)
      for (let i = 0; i < inputs / 10; i++) {
        const ids = Array.from({ length: random.int(30) }, () => random.int(tokenizer.vocabSize))
        expect(tokenizer.decode(ids).isWellFormed()).toBe(true)
      }
      for (const id of [-1, tokenizer.vocabSize, 1.5, Number.NaN]) {
        expect(() => tokenizer.decode([id])).toThrow('text.tokenizer.unknown_id')
      }
    }
  })
})

describe('places of characters', () => {
  it.each(['bpe-bytelevel', 'bpe-qwen2', 'bpe-llama3', 'bpe-spm-llama2'])('agree with decoded lengths: %s', (name) => {
    const tokenizer = jsonTokenizer(name)
    // A SentencePiece decoder writes a space after each special token, so its text has none.
    const special = name === 'bpe-spm-llama2' ? '' : '<|im_end|>'
    const text = `The nurse 护士 checks  twice${special}\n\n😀 and again, 12345 times. End`
    for (let place = 0; place < text.length; place++) {
      if (/[\udc00-\udfff]/.test(text[place] as string)) continue
      const { ids, at } = tokenizer.encodeDisguised(text, new Map(), [place])
      const { holding, from } = at[0] as { holding: number; from: number }
      // Everything before the token lies before the place; the token itself reaches over it.
      expect(tokenizer.decode(ids.slice(0, holding)).replace(/\ufffd+$/, '').length).toBeLessThanOrEqual(place)
      expect(tokenizer.decode(ids.slice(0, holding + 1)).length).toBeGreaterThan(place)
      expect(from === holding || from === holding + 1).toBe(true)
      if (from === holding) expect(tokenizer.decode(ids.slice(0, from))).toBe(text.slice(0, place))
    }
  })
})
