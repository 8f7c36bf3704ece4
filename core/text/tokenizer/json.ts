import { readDecoder, readNormalizers, readPostProcessor, readPreTokenizers } from './json-pipeline.ts'
import {
  asArray,
  asFlag,
  asId,
  asObject,
  asText,
  invalid,
  type JsonObject,
  limits,
  unsupported,
  within,
} from './limits.ts'
import type { AddedToken, ModelSpec, SpecialRoles, TokenizerSpec } from './spec.ts'
import { buildTokenizer, type Tokenizer } from './tokenizer.ts'

/**
 * Loads a Hugging Face `tokenizer.json` (parsed JSON). `tokenizerConfig` (parsed `tokenizer_config.json`) names the
 * begin, end, unknown and padding tokens. Throws `text.tokenizer.invalid`, `.unsupported` or `.limit`.
 */
export function loadTokenizerJson(tokenizerJson: unknown, tokenizerConfig?: unknown): Tokenizer {
  const root = asObject(tokenizerJson, 'tokenizer.json')
  const model = asObject(root.model, 'model')
  const kind = modelKind(model)
  const vocabulary = kind === 'Unigram' ? listVocabulary(model) : mapVocabulary(model)
  const added = readAdded(root.added_tokens, vocabulary)
  const tokens = tokensById(vocabulary, added)
  const pre = readPreTokenizers(root.pre_tokenizer)
  const post = readPostProcessor(root.post_processor, tokens)
  const spec: TokenizerSpec = {
    tokens,
    added,
    normalizers: readNormalizers(root.normalizer),
    preTokenizers: pre.steps,
    model:
      kind === 'BPE'
        ? bpe(model, vocabulary, pre.bytes)
        : kind === 'Unigram'
          ? unigram(model, tokens.length)
          : wordPiece(model, vocabulary),
    single: post.single,
    pair: post.pair,
    decoder: readDecoder(root.decoder),
    roles: readRoles(tokenizerConfig, new Set(tokens)),
  }
  return buildTokenizer(spec)
}

function modelKind(model: JsonObject): 'BPE' | 'Unigram' | 'WordPiece' {
  const type = model.type
  if (type === 'BPE' || type === 'Unigram' || type === 'WordPiece') return type
  // Early files leave the type out; only byte pair encoding has merges.
  if (type === undefined && model.merges !== undefined) return 'BPE'
  throw unsupported('model', type)
}

type Vocabulary = ReadonlyMap<string, number>

function mapVocabulary(model: JsonObject): Vocabulary {
  const entries = Object.entries(asObject(model.vocab, 'model.vocab'))
  within('vocabulary size', entries.length, limits.vocabulary)
  const vocabulary = new Map<string, number>()
  for (const [token, id] of entries) vocabulary.set(checkLength(token), asId(id, 'model.vocab'))
  return vocabulary
}

function listVocabulary(model: JsonObject): Vocabulary {
  const entries = asArray(model.vocab, 'model.vocab')
  within('vocabulary size', entries.length, limits.vocabulary)
  const vocabulary = new Map<string, number>()
  entries.forEach((entry, id) => {
    const token = checkLength(asText(asArray(entry, 'model.vocab')[0], 'model.vocab'))
    if (vocabulary.has(token)) throw invalid('model.vocab', `entries ${vocabulary.get(token)} and ${id} are equal`)
    vocabulary.set(token, id)
  })
  return vocabulary
}

function checkLength(token: string): string {
  within('token length', token.length, limits.tokenLength)
  return token
}

function readAdded(value: unknown, vocabulary: Vocabulary): AddedToken[] {
  const entries = asArray(value ?? [], 'added_tokens')
  within('number of added tokens', entries.length, limits.addedTokens)
  return entries.map((entry) => {
    const token = asObject(entry, 'added_tokens')
    const content = asText(token.content, 'added_tokens.content')
    const id = asId(token.id, 'added_tokens.id')
    if (content === '') throw invalid('added_tokens', `token ${id} is empty`)
    within('added token length', content.length, limits.addedTokenLength)
    const known = vocabulary.get(content)
    if (known !== undefined && known !== id)
      throw invalid('added_tokens', `token ${id} has id ${known} in the vocabulary`)
    return {
      id,
      content,
      special: asFlag(token.special, 'added_tokens.special', false),
      normalized: asFlag(token.normalized, 'added_tokens.normalized', true),
      singleWord: asFlag(token.single_word, 'added_tokens.single_word', false),
      lstrip: asFlag(token.lstrip, 'added_tokens.lstrip', false),
      rstrip: asFlag(token.rstrip, 'added_tokens.rstrip', false),
    }
  })
}

/** Ids must be unique and run from 0 without a hole, so that they are rows of the embedding matrix. */
function tokensById(vocabulary: Vocabulary, added: readonly AddedToken[]): string[] {
  const all = new Map(vocabulary)
  for (const token of added) {
    if (all.get(token.content) === undefined) all.set(token.content, token.id)
    else if (all.get(token.content) !== token.id) throw invalid('added_tokens', `token ${token.id} is listed twice`)
  }
  within('vocabulary size', all.size, limits.vocabulary)
  const tokens: string[] = new Array(all.size)
  const seen = new Uint8Array(all.size)
  for (const [token, id] of all) {
    if (id >= all.size) throw invalid('vocabulary', `id ${id} leaves a hole: there are ${all.size} tokens`)
    if (seen[id] === 1) throw invalid('vocabulary', `id ${id} is given twice`)
    seen[id] = 1
    tokens[id] = token
  }
  return tokens
}

function bpe(model: JsonObject, vocabulary: Vocabulary, bytes: boolean): ModelSpec {
  for (const name of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    const value = model[name]
    if (value !== undefined && value !== null && value !== '' && value !== 0) throw unsupported('BPE option', name)
  }
  const entries = asArray(model.merges, 'model.merges')
  within('number of merges', entries.length, limits.merges)
  const merges = new Uint32Array(2 * entries.length)
  const pairs = new Set<string>()
  entries.forEach((entry, rank) => {
    const [left, right] = mergePair(entry, rank)
    const l = vocabulary.get(left)
    const r = vocabulary.get(right)
    if (l === undefined || r === undefined || !vocabulary.has(left + right)) {
      throw invalid('model.merges', `merge ${rank} uses a token that is not in the vocabulary`)
    }
    merges[2 * rank] = l
    merges[2 * rank + 1] = r
    pairs.add(`${l} ${r}`)
  })
  // Readers disagree on which of two equal merges counts.
  if (pairs.size !== entries.length) throw invalid('model.merges', 'a merge is listed twice')
  return {
    kind: 'bpe',
    bytes,
    merges,
    ignoreMerges: asFlag(model.ignore_merges, 'model.ignore_merges', false),
    byteFallback: asFlag(model.byte_fallback, 'model.byte_fallback', false),
    unknown: unknownToken(model, vocabulary),
    fuseUnknown: asFlag(model.fuse_unk, 'model.fuse_unk', false),
  }
}

function mergePair(entry: unknown, rank: number): [string, string] {
  const pair = typeof entry === 'string' ? entry.split(' ') : asArray(entry, 'model.merges')
  if (pair.length !== 2) throw invalid('model.merges', `merge ${rank} is not a pair`)
  return [asText(pair[0], 'model.merges'), asText(pair[1], 'model.merges')]
}

function unknownToken(model: JsonObject, vocabulary: Vocabulary): number | null {
  const name = model.unk_token
  if (name === undefined || name === null) return null
  const id = vocabulary.get(asText(name, 'model.unk_token'))
  if (id === undefined) throw invalid('model.unk_token', 'the unknown token is not in the vocabulary')
  return id
}

function unigram(model: JsonObject, size: number): ModelSpec {
  const scores: number[] = new Array(size).fill(0)
  asArray(model.vocab, 'model.vocab').forEach((entry, id) => {
    const score = asArray(entry, 'model.vocab')[1]
    if (typeof score !== 'number' || !Number.isFinite(score)) throw invalid('model.vocab', `entry ${id} has no score`)
    scores[id] = score
  })
  const unknown = asId(model.unk_id, 'model.unk_id')
  if (unknown >= size) throw invalid('model.unk_id', 'the unknown token is not in the vocabulary')
  return {
    kind: 'unigram',
    scores,
    unknown,
    byteFallback: asFlag(model.byte_fallback, 'model.byte_fallback', false),
  }
}

function wordPiece(model: JsonObject, vocabulary: Vocabulary): ModelSpec {
  const unknown = unknownToken(model, vocabulary)
  if (unknown === null) throw invalid('model.unk_token', 'missing')
  const maximum = model.max_input_chars_per_word ?? 100
  if (typeof maximum !== 'number' || !Number.isInteger(maximum) || maximum < 1) {
    throw invalid('model.max_input_chars_per_word', 'not a positive integer')
  }
  // Greedy search is quadratic in this number.
  within('max_input_chars_per_word', maximum, 1000)
  const prefix = asText(model.continuing_subword_prefix ?? '##', 'model.continuing_subword_prefix')
  return { kind: 'wordpiece', prefix, unknown, maxCharacters: maximum }
}

function readRoles(config: unknown, known: ReadonlySet<string>): SpecialRoles {
  if (config === undefined || config === null) return {}
  const object = asObject(config, 'tokenizer_config.json')
  const roles: { bos?: string; eos?: string; unk?: string; pad?: string } = {}
  for (const role of ['bos', 'eos', 'unk', 'pad'] as const) {
    const value = object[`${role}_token`]
    if (value === undefined || value === null) continue
    const text = typeof value === 'string' ? value : asText(asObject(value, `${role}_token`).content, `${role}_token`)
    if (!known.has(text)) throw invalid('tokenizer_config.json', `${role}_token is not in the vocabulary`)
    roles[role] = text
  }
  return roles
}
