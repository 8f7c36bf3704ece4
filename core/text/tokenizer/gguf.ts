import { asId, invalid, limits, unsupported, within } from './limits.ts'
import { type GgufPre, ggufPre } from './patterns.ts'
import type { AddedToken, DecodeStep, ModelSpec, Normalizer, PreTokenizer, SpecialRoles, Template } from './spec.ts'
import { buildTokenizer, type Tokenizer } from './tokenizer.ts'

/** Token types of GGUF (`tokenizer.ggml.token_type`). */
const NORMAL = 1
const UNKNOWN = 2
const CONTROL = 3
const USER_DEFINED = 4
const UNUSED = 5
const BYTE = 6

/** The mark that SentencePiece writes for a space. */
const MARK = '\u2581'

/**
 * Rebuilds the tokenizer that a GGUF file's metadata describes: model `gpt2` (byte-level BPE) with a known
 * `tokenizer.ggml.pre`, or model `llama` (SentencePiece BPE). Lists may be arrays or typed arrays, integers numbers or
 * bigints. Throws `text.tokenizer.invalid`, `.unsupported` or `.limit`.
 */
export function loadTokenizerGguf(metadata: ReadonlyMap<string, unknown>): Tokenizer {
  const file = new Metadata(metadata)
  const model = file.text('model')
  const tokens = readTokens(file)
  const added = readAdded(tokens.texts, tokens.types)
  if (model === 'gpt2') {
    const pre = readPre(file)
    return buildTokenizer({
      tokens: tokens.texts,
      added,
      normalizers: pre.nfc === true ? [{ kind: 'unicode', form: 'NFC' }] : [],
      preTokenizers: byteLevelSteps(file, pre),
      model: byteLevelModel(file, tokens.texts, pre),
      decoder: [{ kind: 'bytes' }],
      roles: readRoles(file, tokens.texts),
      ...templates(file, tokens.texts, pre.addBos === true),
    })
  }
  if (model === 'llama') {
    const prefix = file.flag('add_space_prefix', true)
    const normalizers: Normalizer[] = [{ kind: 'replace', from: ' ', to: MARK }]
    if (prefix) normalizers.unshift({ kind: 'prepend', text: MARK })
    return buildTokenizer({
      tokens: tokens.texts,
      added,
      normalizers,
      preTokenizers: [],
      model: sentencePieceModel(file, tokens),
      decoder: sentencePieceDecoder(prefix),
      roles: readRoles(file, tokens.texts),
      ...templates(file, tokens.texts, true),
    })
  }
  throw unsupported('GGUF tokenizer model', model)
}

/** Reads `tokenizer.ggml.*` with its types checked. */
class Metadata {
  readonly #map: ReadonlyMap<string, unknown>

  constructor(map: ReadonlyMap<string, unknown>) {
    this.#map = map
  }

  get(name: string): unknown {
    return this.#map.get(`tokenizer.ggml.${name}`)
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value !== 'string')
      throw invalid(`tokenizer.ggml.${name}`, value === undefined ? 'missing' : 'not a text')
    return value
  }

  flag(name: string, whenAbsent: boolean): boolean {
    const value = this.get(name)
    if (value === undefined) return whenAbsent
    if (typeof value !== 'boolean') throw invalid(`tokenizer.ggml.${name}`, 'not true or false')
    return value
  }

  id(name: string, size: number): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    const id = asId(typeof value === 'bigint' ? Number(value) : value, `tokenizer.ggml.${name}`)
    if (id >= size) throw invalid(`tokenizer.ggml.${name}`, `id ${id} is outside the vocabulary of ${size}`)
    return id
  }

  list(name: string, maximum: number): ArrayLike<unknown> {
    const value = this.get(name)
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
      throw invalid(`tokenizer.ggml.${name}`, value === undefined ? 'missing' : 'not a list')
    }
    const list = value as unknown as ArrayLike<unknown>
    within(`number of ${name}`, list.length, maximum)
    return list
  }

  texts(name: string, maximum: number): string[] {
    return Array.from(this.list(name, maximum), (value) => {
      if (typeof value !== 'string') throw invalid(`tokenizer.ggml.${name}`, 'not a list of texts')
      return value
    })
  }
}

interface Tokens {
  readonly texts: readonly (string | undefined)[]
  readonly types: readonly number[]
}

function readTokens(file: Metadata): Tokens {
  const texts: (string | undefined)[] = file.texts('tokens', limits.vocabulary)
  const size = texts.length
  const types = Array.from(
    file.get('token_type') === undefined
      ? new Uint8Array(size).fill(NORMAL)
      : file.list('token_type', limits.vocabulary),
    Number,
  )
  if (types.length !== size) throw invalid('tokenizer.ggml.token_type', `${types.length} entries for ${size} tokens`)
  const seen = new Map<string, number>()
  texts.forEach((text, id) => {
    within('token length', (text as string).length, limits.tokenLength)
    // Converters fill the ids up to the embedding's height with unused tokens: no text ever becomes them.
    if (types[id] === UNUSED) texts[id] = undefined
    else if (seen.has(text as string)) {
      throw invalid('tokenizer.ggml.tokens', `tokens ${seen.get(text as string)} and ${id} are equal`)
    } else seen.set(text as string, id)
  })
  return { texts, types }
}

/** GGUF records no matching flags; published tokenizers set none for these tokens. */
function readAdded(texts: readonly (string | undefined)[], types: readonly number[]): AddedToken[] {
  const added: AddedToken[] = []
  texts.forEach((content, id) => {
    const type = types[id]
    if (content === undefined || (type !== CONTROL && type !== USER_DEFINED && type !== UNKNOWN)) return
    if (content === '') throw invalid('tokenizer.ggml.tokens', `special token ${id} is empty`)
    within('added token length', content.length, limits.addedTokenLength)
    const special = type !== USER_DEFINED
    added.push({ id, content, special, normalized: false, singleWord: false, lstrip: false, rstrip: false })
  })
  within('number of added tokens', added.length, limits.addedTokens)
  return added
}

function readPre(file: Metadata): GgufPre {
  const name = file.get('pre')
  const pre = typeof name === 'string' ? ggufPre.get(name) : undefined
  if (pre === undefined) throw unsupported('tokenizer.ggml.pre', name ?? 'none')
  return pre
}

function byteLevelSteps(file: Metadata, pre: GgufPre): PreTokenizer[] {
  const splits = pre.splits.map((pattern): PreTokenizer => ({ kind: 'split', pattern, keep: 'all' }))
  return file.flag('add_space_prefix', false) ? [{ kind: 'prefixSpace' }, ...splits] : splits
}

function byteLevelModel(file: Metadata, texts: readonly (string | undefined)[], pre: GgufPre): ModelSpec {
  const entries = file.texts('merges', limits.merges)
  const ids = idsOf(texts)
  const merges = new Uint32Array(2 * entries.length)
  const pairs = new Set<string>(entries)
  if (pairs.size !== entries.length) throw invalid('tokenizer.ggml.merges', 'a merge is listed twice')
  entries.forEach((entry, rank) => {
    const space = entry.indexOf(' ', 1)
    const left = ids.get(entry.slice(0, space))
    const right = ids.get(entry.slice(space + 1))
    if (space < 0 || left === undefined || right === undefined || !ids.has(entry.replace(' ', ''))) {
      throw invalid('tokenizer.ggml.merges', `merge ${rank} uses a token that is not in the vocabulary`)
    }
    merges[2 * rank] = left
    merges[2 * rank + 1] = right
  })
  const rest = { byteFallback: false, unknown: null, fuseUnknown: false }
  return { kind: 'bpe', bytes: true, merges, ignoreMerges: pre.ignoreMerges === true, ...rest }
}

function idsOf(texts: readonly (string | undefined)[]): Map<string, number> {
  const ids = new Map<string, number>()
  texts.forEach((text, id) => {
    if (text !== undefined) ids.set(text, id)
  })
  return ids
}

/**
 * SentencePiece merges the two neighbours whose joint token has the best score. As ranked merges: every way to cut a
 * token in two known ones, best score first, then by the ids of the parts.
 */
function sentencePieceModel(file: Metadata, { texts, types }: Tokens): ModelSpec {
  const scores = Array.from(file.list('scores', limits.vocabulary), Number)
  if (scores.length !== texts.length)
    throw invalid('tokenizer.ggml.scores', `${scores.length} for ${texts.length} tokens`)
  if (!scores.every(Number.isFinite)) throw invalid('tokenizer.ggml.scores', 'not finite')
  const ordinary = new Map<string, number>()
  texts.forEach((text, id) => {
    if (text !== undefined && types[id] !== CONTROL && types[id] !== UNKNOWN && types[id] !== BYTE)
      ordinary.set(text, id)
  })
  const cuts: { left: number; right: number; score: number }[] = []
  for (const [text, id] of ordinary) {
    let cut = 0
    for (const character of text) {
      cut += character.length
      const left = ordinary.get(text.slice(0, cut))
      const right = cut < text.length ? ordinary.get(text.slice(cut)) : undefined
      if (left !== undefined && right !== undefined) cuts.push({ left, right, score: scores[id] as number })
    }
    within('number of merges', cuts.length, limits.merges)
  }
  cuts.sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right)
  const merges = Uint32Array.from(cuts.flatMap(({ left, right }) => [left, right]))
  const unknown = types.indexOf(UNKNOWN)
  return {
    kind: 'bpe',
    bytes: false,
    merges,
    ignoreMerges: false,
    byteFallback: types.includes(BYTE),
    unknown: unknown < 0 ? (file.id('unknown_token_id', texts.length) ?? null) : unknown,
    fuseUnknown: true,
  }
}

function sentencePieceDecoder(prefix: boolean): DecodeStep[] {
  const steps: DecodeStep[] = [{ kind: 'replace', from: MARK, to: ' ' }, { kind: 'byteFallback' }, { kind: 'fuse' }]
  return prefix ? [...steps, { kind: 'strip', text: ' ', start: 1, stop: 0 }] : steps
}

function readRoles(file: Metadata, texts: readonly (string | undefined)[]): SpecialRoles {
  const roles: { bos?: string; eos?: string; unk?: string; pad?: string } = {}
  const names = { bos: 'bos_token_id', eos: 'eos_token_id', unk: 'unknown_token_id', pad: 'padding_token_id' } as const
  for (const role of ['bos', 'eos', 'unk', 'pad'] as const) {
    const id = file.id(names[role], texts.length)
    const text = id === undefined ? undefined : texts[id]
    if (text !== undefined) roles[role] = text
  }
  return roles
}

/** Tokens around a text: begin-of-text and end-of-text where the file asks for them. */
function templates(
  file: Metadata,
  texts: readonly (string | undefined)[],
  bosByDefault: boolean,
): { single: Template; pair: Template } {
  const bos = file.flag('add_bos_token', bosByDefault) ? file.id('bos_token_id', texts.length) : undefined
  const eos = file.flag('add_eos_token', false) ? file.id('eos_token_id', texts.length) : undefined
  const around = (id: 'A' | 'B', type: number): { id: number | 'A' | 'B'; type: number }[] => [
    ...(bos === undefined ? [] : [{ id: bos, type }]),
    { id, type },
    ...(eos === undefined ? [] : [{ id: eos, type }]),
  ]
  return { single: { parts: around('A', 0) }, pair: { parts: [...around('A', 0), ...around('B', 1)] } }
}
