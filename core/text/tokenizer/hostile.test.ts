import { describe, expect, it } from 'vitest'
import { isAppError, randomStream, systemClock } from '../../kit/index.ts'
import { ggufMetadata, readBytes, readJson, readText, tokenizerNames } from '../testing/fixtures.ts'
import { loadTokenizerGguf } from './gguf.ts'
import { loadTokenizerJson } from './json.ts'

type Json = Record<string, unknown>

function file(): Json & { model: Json; added_tokens: Json[] } {
  return readJson('tokenizers/bpe-qwen2/tokenizer.json') as Json & { model: Json; added_tokens: Json[] }
}

/** What happened to a good file, the expected code, and a word of its facts. */
const broken: [string, (root: ReturnType<typeof file>) => unknown, string, string][] = [
  ['null', () => null, 'invalid', 'not an object'],
  ['a list', () => [], 'invalid', 'not an object'],
  ['no model', (r) => ({ ...r, model: undefined }), 'invalid', 'model'],
  ['unknown model', (r) => ({ ...r, model: { ...r.model, type: 'WordLevel' } }), 'unsupported', 'WordLevel'],
  ['no vocabulary', (r) => ({ ...r, model: { ...r.model, vocab: undefined } }), 'invalid', 'model.vocab'],
  ['id is text', (r) => ({ ...r, model: { ...r.model, vocab: { a: '0' } } }), 'invalid', 'token id'],
  ['negative id', (r) => ({ ...r, model: { ...r.model, vocab: { a: -1 } } }), 'invalid', 'token id'],
  ['fractional id', (r) => ({ ...r, model: { ...r.model, vocab: { a: 0.5 } } }), 'invalid', 'token id'],
  ['huge id', (r) => ({ ...r, model: { ...r.model, vocab: { a: 4e9 }, merges: [] } }), 'invalid', 'token id'],
  [
    'a hole',
    (r) => ({ ...r, model: { ...r.model, vocab: { a: 0, b: 9 }, merges: [] }, added_tokens: [] }),
    'invalid',
    'hole',
  ],
  [
    'equal ids',
    (r) => ({ ...r, model: { ...r.model, vocab: { a: 0, b: 0 }, merges: [] }, added_tokens: [] }),
    'invalid',
    'twice',
  ],
  ['merges missing', (r) => ({ ...r, model: { ...r.model, merges: undefined } }), 'invalid', 'model.merges'],
  ['merge of three', (r) => ({ ...r, model: { ...r.model, merges: [['a', 'b', 'c']] } }), 'invalid', 'not a pair'],
  ['merge as text of one', (r) => ({ ...r, model: { ...r.model, merges: ['ab'] } }), 'invalid', 'not a pair'],
  [
    'merge of unknown',
    (r) => ({ ...r, model: { ...r.model, merges: [['a', '字']] } }),
    'invalid',
    'not in the vocabulary',
  ],
  [
    'merge to unknown',
    (r) => ({ ...r, model: { ...r.model, merges: [['!', '"']] } }),
    'invalid',
    'not in the vocabulary',
  ],
  [
    'equal merges',
    (r) => ({
      ...r,
      model: {
        ...r.model,
        merges: [
          ['h', 'e'],
          ['h', 'e'],
        ],
      },
    }),
    'invalid',
    'twice',
  ],
  [
    'unknown token missing',
    (r) => ({ ...r, model: { ...r.model, unk_token: '<nothing>' } }),
    'invalid',
    'unknown token',
  ],
  ['dropout', (r) => ({ ...r, model: { ...r.model, dropout: 0.1 } }), 'unsupported', 'dropout'],
  ['suffix', (r) => ({ ...r, model: { ...r.model, end_of_word_suffix: '</w>' } }), 'unsupported', 'end_of_word_suffix'],
  ['flag is text', (r) => ({ ...r, model: { ...r.model, byte_fallback: 'yes' } }), 'invalid', 'true or false'],
  ['normalizer', (r) => ({ ...r, normalizer: { type: 'Precompiled' } }), 'unsupported', 'Precompiled'],
  ['pre-tokenizer', (r) => ({ ...r, pre_tokenizer: { type: 'Whitespace' } }), 'unsupported', 'Whitespace'],
  ['hostile pattern', (r) => ({ ...r, pre_tokenizer: split('(a+)+$') }), 'unsupported', '(a+)+$'],
  ['behaviour', (r) => ({ ...r, pre_tokenizer: split('\\p{N}', 'MergedWithNext') }), 'unsupported', 'MergedWithNext'],
  ['text pattern', (r) => ({ ...r, pre_tokenizer: { ...split(''), pattern: { String: ',' } } }), 'unsupported', ','],
  [
    'after bytes',
    (r) => ({ ...r, pre_tokenizer: sequence([{ type: 'ByteLevel' }, { type: 'Digits' }]) }),
    'unsupported',
    'Digits',
  ],
  ['endless sequence', (r) => ({ ...r, pre_tokenizer: nest(5000) }), 'limit', 'number of steps'],
  ['decoder', (r) => ({ ...r, decoder: { type: 'CTC' } }), 'unsupported', 'CTC'],
  [
    'post-processor',
    (r) => ({ ...r, post_processor: { type: 'RobertaProcessing' } }),
    'unsupported',
    'RobertaProcessing',
  ],
  ['added token is empty', (r) => ({ ...r, added_tokens: [{ id: 560, content: '' }] }), 'invalid', 'empty'],
  ['added token moves', (r) => ({ ...r, added_tokens: [{ id: 560, content: '!' }] }), 'invalid', 'in the vocabulary'],
  [
    'added token twice',
    (r) => ({ ...r, added_tokens: [...r.added_tokens, { id: 563, content: '<|im_end|>' }] }),
    'invalid',
    'twice',
  ],
  [
    'added token too long',
    (r) => ({ ...r, added_tokens: [{ id: 560, content: 'x'.repeat(600) }] }),
    'limit',
    'added token length',
  ],
  [
    'token too long',
    (r) => ({ ...r, model: { ...r.model, vocab: { ['x'.repeat(5000)]: 0 } } }),
    'limit',
    'token length',
  ],
]

function split(regex: string, behavior = 'Isolated'): Json {
  return { type: 'Split', pattern: { Regex: regex }, behavior, invert: false }
}

function sequence(pretokenizers: unknown[]): Json {
  return { type: 'Sequence', pretokenizers }
}

function nest(depth: number): Json {
  let out: Json = { type: 'Digits', individual_digits: true }
  for (let i = 0; i < depth; i++) out = sequence([out, { type: 'Digits' }])
  return out
}

describe('a tokenizer.json that is broken or asks for too much', () => {
  it.each(broken)('is refused by name: %s', (_name, change, code, fact) => {
    let error: unknown
    try {
      loadTokenizerJson(change(file()))
    } catch (caught) {
      error = caught
    }
    expect(isAppError(error, `text.tokenizer.${code}`)).toBe(true)
    expect(JSON.stringify((error as { data: unknown }).data)).toContain(fact)
  })

  it('refuses a configuration that names a missing token', () => {
    expect(() => loadTokenizerJson(file(), { eos_token: '<|none|>' })).toThrow('text.tokenizer.invalid')
    expect(loadTokenizerJson(file(), { eos_token: { content: '<|im_end|>' } }).roles).toEqual({ eos: '<|im_end|>' })
  })
})

const metadataOf = (): Map<string, unknown> => ggufMetadata(readBytes('tokenizers/bpe-llama3.gguf'))

describe('GGUF metadata that is broken or unknown', () => {
  it.each<[string, string, unknown, string]>([
    ['model', 'model', 'rwkv', 'unsupported'],
    ['missing model', 'model', undefined, 'invalid'],
    ['pre-tokenizer', 'pre', 'some-new-model', 'unsupported'],
    ['missing pre-tokenizer', 'pre', undefined, 'unsupported'],
    ['missing tokens', 'tokens', undefined, 'invalid'],
    ['tokens of numbers', 'tokens', [1, 2], 'invalid'],
    ['equal tokens', 'tokens', Array.from({ length: 605 }, () => 'a'), 'invalid'],
    ['types of another length', 'token_type', [1], 'invalid'],
    ['missing merges', 'merges', undefined, 'invalid'],
    ['merge without a space', 'merges', ['he'], 'invalid'],
    ['merge of unknown tokens', 'merges', ['字 字'], 'invalid'],
    ['equal merges', 'merges', ['h e', 'h e'], 'invalid'],
    ['id outside', 'eos_token_id', 605, 'invalid'],
    ['id of a text', 'eos_token_id', 'x', 'invalid'],
    ['flag of a number', 'add_bos_token', 1, 'invalid'],
  ])('is refused by name: %s', (_name, key, value, code) => {
    const metadata = metadataOf()
    if (value === undefined) metadata.delete(`tokenizer.ggml.${key}`)
    else metadata.set(`tokenizer.ggml.${key}`, value)
    expect(() => loadTokenizerGguf(metadata)).toThrow(`text.tokenizer.${code}`)
  })

  it('takes typed arrays and bigints', () => {
    const metadata = metadataOf()
    const plain = loadTokenizerGguf(metadata)
    metadata.set('tokenizer.ggml.token_type', Int32Array.from(metadata.get('tokenizer.ggml.token_type') as number[]))
    metadata.set('tokenizer.ggml.eos_token_id', 604n)
    const typed = loadTokenizerGguf(metadata)
    expect(typed.digest).toBe(plain.digest)
    expect(typed.roles).toEqual({ eos: '<|eot_id|>' })
  })

  it('adds the begin token when the file has one', () => {
    const metadata = metadataOf().set('tokenizer.ggml.bos_token_id', 600)
    const tokenizer = loadTokenizerGguf(metadata)
    expect(tokenizer.encode('', { specials: 'parse', addSpecialTokens: true })).toEqual([600])
    metadata.set('tokenizer.ggml.add_bos_token', false)
    expect(loadTokenizerGguf(metadata).encode('', { specials: 'parse', addSpecialTokens: true })).toEqual([])
  })
})

describe('special tokens and literal text', () => {
  it('holds where the vocabulary itself spells a special token', () => {
    // One merge leads to the special token, and whole pieces may become a token at once.
    const vocab = { a: 0, b: 1, ab: 2, '<': 3, '>': 4 }
    const root = {
      model: { type: 'BPE', vocab, merges: [['a', 'b']], ignore_merges: true },
      added_tokens: [{ id: 2, content: 'ab', special: true, normalized: false }],
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      decoder: { type: 'ByteLevel' },
    }
    const tokenizer = loadTokenizerJson(root)
    expect(tokenizer.encode('ab', { specials: 'parse' })).toEqual([2])
    expect(tokenizer.encode('ab', { specials: 'literal' })).toEqual([0, 1])
  })

  it('matches the longest added token, swallows white space and minds words as flagged', () => {
    const root = file()
    root.added_tokens = [
      { id: 560, content: '<a>', special: true, normalized: false, lstrip: true, rstrip: true },
      { id: 561, content: '<a>b', special: false, normalized: false },
      { id: 562, content: 'zz', special: true, normalized: false, single_word: true },
    ]
    const tokenizer = loadTokenizerJson(root)
    const parse = (text: string): number[] => tokenizer.encode(text, { specials: 'parse' })
    const x = tokenizer.idOf('x') as number
    expect(parse('x \n <a> \t x')).toEqual([x, 560, x])
    expect(parse('<a>b')).toEqual([561])
    expect(parse('<a><a>')).toEqual([560, 560])
    expect(parse('zz')).toEqual([562])
    expect(parse('xzz')).not.toContain(562)
    expect(parse('zz中')).not.toContain(562)
    expect(parse('x,zz')).toContain(562)
    expect(tokenizer.encode('<a>b zz', { specials: 'literal' }).some((id) => id >= 560)).toBe(false)
  })
})

const inputs = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1_000

/** Changes one random place of a JSON value: drops it, or puts something else there. */
function mutate(value: unknown, random: ReturnType<typeof randomStream>, depth = 0): unknown {
  const odd = [null, -1, 0, 1e9, 0.5, '', 'x', '\ud800', [], {}, true, [[]], 'ByteLevel', 'Sequence', '__proto__']
  if (typeof value !== 'object' || value === null || (depth > 0 && random.int(4) === 0))
    return odd[random.int(odd.length)]
  if (Array.isArray(value)) {
    const copy = value.slice()
    if (copy.length > 0) {
      const at = random.int(Math.min(copy.length, 8))
      copy[at] = mutate(copy[at], random, depth + 1)
    }
    return copy
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return value
  const at = random.int(Math.min(entries.length, 16))
  entries[at] = [entries[at]?.[0] as string, mutate(entries[at]?.[1], random, depth + 1)]
  return Object.fromEntries(random.int(10) === 0 ? entries.filter((_, i) => i !== at) : entries)
}

describe(`${inputs} mutated files`, () => {
  it('load and work, or are refused by name, quickly', () => {
    const begin = systemClock.seconds()
    const sources = tokenizerNames.map((name) => readText(`tokenizers/${name}/tokenizer.json`))
    let refused = 0
    for (let i = 0; i < inputs; i++) {
      const random = randomStream(21, 'hostile', i)
      let root = JSON.parse(sources[random.int(sources.length)] as string) as unknown
      for (let n = 1 + random.int(3); n > 0; n--) root = mutate(root, random)
      try {
        const tokenizer = loadTokenizerJson(root)
        const ids = tokenizer.encode('A test 测试 <|im_end|></s> 😀 12', { specials: 'parse', addSpecialTokens: true })
        expect(typeof tokenizer.decode(ids)).toBe('string')
      } catch (error) {
        expect(isAppError(error), String(error)).toBe(true)
        expect((error as { code: string }).code.startsWith('text.tokenizer.')).toBe(true)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(inputs / 10)
    expect(systemClock.seconds() - begin).toBeLessThan(inputs / 10)
  })
})
