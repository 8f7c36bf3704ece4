import { AppError } from '../../kit/index.ts'
import { AddedTokenMatcher } from './added-tokens.ts'
import { decodeTokens, type Shown } from './decode.ts'
import { limits } from './limits.ts'
import { buildModel, type Model } from './model.ts'
import { normalize } from './normalize.ts'
import { preTokenize } from './pretokenize.ts'
import { digestOf, type SpecialRoles, type Template, type TokenizerSpec } from './spec.ts'

export interface EncodeOptions {
  /** `parse` reads added tokens written in the text as such, `literal` takes every character as ordinary text. */
  readonly specials: 'parse' | 'literal'
  /** Puts the post-processor's tokens (such as the begin-of-text token) around the text. */
  readonly addSpecialTokens?: boolean
}

/** Where a character of the encoded text lies among the tokens. */
export interface TokenPlace {
  /** Index of the token that holds the character. */
  readonly holding: number
  /** Index of the first token that begins at or after the character. */
  readonly from: number
}

/** Stand-in character (not used by the text otherwise) → the text it stands for. */
export type Disguise = ReadonlyMap<string, string>

export interface Tokenizer {
  /** Ids run from 0 to vocabSize − 1, added tokens included. */
  readonly vocabSize: number
  /** SHA-256 over the content that decides ids; equal for equal behaviour (see `digestOf`). */
  readonly digest: string
  /** Text of each special token → id. */
  readonly specialTokens: ReadonlyMap<string, number>
  readonly specialIds: ReadonlySet<number>
  /** Text of every added token, special or not → id: what `parse` recognises. */
  readonly addedTokens: ReadonlyMap<string, number>
  readonly roles: SpecialRoles
  /** Throws `text.tokenizer.text_too_long`. Lone surrogates count as U+FFFD. */
  encode(text: string, options: EncodeOptions): number[]
  /** Both texts with the post-processor's tokens, specials parsed; `typeIds` tell the texts apart. */
  encodePair(first: string, second: string): { ids: number[]; typeIds: number[] }
  /**
   * Parses specials, then replaces every character of `disguise` in the ordinary text by what it stands for, and finds
   * the tokens of the characters at `places` (UTF-16 offsets into `text`, ascending). So text that was disguised can
   * never become an added token. Without post-processor tokens.
   */
  encodeDisguised(text: string, disguise: Disguise, places: readonly number[]): { ids: number[]; at: TokenPlace[] }
  /** Throws `text.tokenizer.unknown_id`. */
  decode(ids: Iterable<number>, options?: { readonly skipSpecialTokens?: boolean }): string
  idOf(token: string): number | undefined
  tokenOf(id: number): string | undefined
}

const NONE: Disguise = new Map()

/** Pieces repeat, so their ids are kept: short pieces only, a bounded number of them. */
const CACHED_LENGTH = 64
const CACHED_PIECES = 1 << 16

/** Builds the tokenizer that a spec describes. */
export function buildTokenizer(spec: TokenizerSpec): Tokenizer {
  return new SpecTokenizer(spec)
}

class SpecTokenizer implements Tokenizer {
  readonly vocabSize: number
  readonly specialTokens: ReadonlyMap<string, number>
  readonly addedTokens: ReadonlyMap<string, number>
  readonly specialIds: ReadonlySet<number>
  readonly roles: SpecialRoles
  readonly #spec: TokenizerSpec
  readonly #model: Model
  readonly #ids: ReadonlyMap<string, number>
  readonly #addedIds: ReadonlySet<number>
  readonly #rawAdded: AddedTokenMatcher
  readonly #normalizedAdded: AddedTokenMatcher
  readonly #cache = new Map<string, number[]>()
  #digest: string | undefined

  constructor(spec: TokenizerSpec) {
    this.#spec = spec
    this.#model = buildModel(spec)
    this.vocabSize = spec.tokens.length
    this.roles = spec.roles
    const ids = new Map<string, number>()
    spec.tokens.forEach((token, id) => {
      if (token !== undefined) ids.set(token, id)
    })
    this.#ids = ids
    const special = spec.added.filter((token) => token.special)
    this.specialTokens = new Map(special.map((token) => [token.content, token.id]))
    this.addedTokens = new Map(spec.added.map((token) => [token.content, token.id]))
    this.specialIds = new Set(this.specialTokens.values())
    this.#addedIds = new Set(this.addedTokens.values())
    const raw = spec.added.filter((token) => !token.normalized)
    const normalized = spec.added.filter((token) => token.normalized)
    this.#rawAdded = new AddedTokenMatcher(raw, [])
    this.#normalizedAdded = new AddedTokenMatcher(normalized, spec.normalizers)
  }

  get digest(): string {
    this.#digest ??= digestOf(this.#spec)
    return this.#digest
  }

  encode(text: string, options: EncodeOptions): number[] {
    const walk = this.#walk(text, options.specials === 'parse', NONE, [])
    return options.addSpecialTokens === true ? surround(this.#spec.single, walk.ids, []).ids : walk.ids
  }

  encodePair(first: string, second: string): { ids: number[]; typeIds: number[] } {
    const a = this.#walk(first, true, NONE, []).ids
    const b = this.#walk(second, true, NONE, []).ids
    return surround(this.#spec.pair, a, b)
  }

  encodeDisguised(text: string, disguise: Disguise, places: readonly number[]): { ids: number[]; at: TokenPlace[] } {
    return this.#walk(text, true, disguise, places)
  }

  decode(ids: Iterable<number>, options: { readonly skipSpecialTokens?: boolean } = {}): string {
    const shown: Shown[] = []
    for (const id of ids) {
      const text = this.#spec.tokens[id]
      if (text === undefined) throw new AppError('text.tokenizer.unknown_id', { id, vocabSize: this.vocabSize })
      if (options.skipSpecialTokens === true && this.specialIds.has(id)) continue
      shown.push({ text, added: this.#addedIds.has(id) })
    }
    return decodeTokens(shown, this.#spec.decoder)
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.#spec.tokens[id]
  }

  #walk(
    raw: string,
    parse: boolean,
    disguise: Disguise,
    places: readonly number[],
  ): { ids: number[]; at: TokenPlace[] } {
    if (raw.length > limits.textLength) {
      throw new AppError('text.tokenizer.text_too_long', { length: raw.length, maximum: limits.textLength })
    }
    const text = raw.toWellFormed()
    const ids: number[] = []
    const at: TokenPlace[] = []
    const stretches = parse ? this.#rawAdded.split(text) : [{ id: -1, begin: 0, end: text.length }]
    for (const { id, begin, end } of stretches) {
      const inside: number[] = []
      for (let i = at.length + inside.length; i < places.length && (places[i] as number) < end; i++) {
        inside.push((places[i] as number) - begin)
      }
      if (id < 0)
        this.#ordinary(text.slice(begin, end), { parse, disguise, places: inside, atStart: begin === 0 }, ids, at)
      else {
        for (const place of inside) at.push({ holding: ids.length, from: ids.length + (place > 0 ? 1 : 0) })
        ids.push(id)
      }
    }
    while (at.length < places.length) at.push({ holding: ids.length, from: ids.length })
    return { ids, at }
  }

  /** Text between added tokens: normalise, take out added tokens that match normalised text, split, look up. */
  #ordinary(text: string, run: Run, ids: number[], at: TokenPlace[]): void {
    const targets = run.places.map((place) => this.#byteLength(text.slice(0, place), run))
    let bytes = 0
    let target = 0
    const normal = this.#normal(text, run)
    const stretches =
      run.parse && !this.#normalizedAdded.empty
        ? this.#normalizedAdded.split(normal)
        : [{ id: -1, begin: 0, end: normal.length }]
    for (const { id, begin, end } of stretches) {
      const content = this.#plain(normal.slice(begin, end), run)
      const atStart = run.atStart && begin === 0
      const pieces = id >= 0 ? [content] : preTokenize(content, this.#spec.preTokenizers, atStart)
      for (const piece of pieces) {
        // Measuring a piece is only worth while a place is still to be found.
        const length = target < targets.length ? Buffer.byteLength(piece) : 0
        const symbols = (): { ids: number[]; starts: number[] } =>
          id >= 0 ? { ids: [id], starts: [0] } : this.#model.tokenize(piece)
        for (; target < targets.length && (targets[target] as number) < bytes + length; target++) {
          at.push(locate(symbols().starts, (targets[target] as number) - bytes, ids.length))
        }
        if (id >= 0) ids.push(id)
        else for (const token of this.#piece(piece)) ids.push(token)
        bytes += length
      }
    }
    for (; target < targets.length; target++) at.push({ holding: ids.length, from: ids.length })
  }

  /** Added tokens that match normalised text must still see the disguise; otherwise it ends before normalising. */
  #normal(text: string, run: Run): string {
    const plain = this.#normalizedAdded.empty ? undisguise(text, run.disguise) : text
    return normalize(plain, this.#spec.normalizers)
  }

  #plain(text: string, run: Run): string {
    return this.#normalizedAdded.empty ? text : undisguise(text, run.disguise)
  }

  /** UTF-8 length of the pieces that a beginning of the text becomes: the place of its end among the tokens. */
  #byteLength(prefix: string, run: Run): number {
    if (prefix === '') return 0
    const content = this.#plain(this.#normal(prefix.toWellFormed(), run), run)
    let sum = 0
    for (const piece of preTokenize(content, this.#spec.preTokenizers, run.atStart)) sum += Buffer.byteLength(piece)
    return sum
  }

  #piece(piece: string): readonly number[] {
    if (piece.length > CACHED_LENGTH) return this.#model.tokenize(piece).ids
    let ids = this.#cache.get(piece)
    if (ids === undefined) {
      ids = this.#model.tokenize(piece).ids
      if (this.#cache.size >= CACHED_PIECES) this.#cache.clear()
      this.#cache.set(piece, ids)
    }
    return ids
  }
}

interface Run {
  readonly parse: boolean
  readonly disguise: Disguise
  readonly places: readonly number[]
  readonly atStart: boolean
}

/** Puts back what the stand-in characters stand for. */
export function undisguise(text: string, disguise: Disguise): string {
  let out = text
  for (const [stand, meaning] of disguise) out = out.replaceAll(stand, () => meaning)
  return out
}

/** `starts` are the byte positions where a piece's tokens begin, `base` the index of its first token. */
function locate(starts: readonly number[], byte: number, base: number): TokenPlace {
  let holding = -1
  let from = 0
  for (const start of starts) {
    if (start <= byte) holding++
    if (start < byte) from++
  }
  return { holding: base + Math.max(holding, 0), from: base + from }
}

function surround(
  template: Template,
  a: readonly number[],
  b: readonly number[],
): { ids: number[]; typeIds: number[] } {
  const ids: number[] = []
  const typeIds: number[] = []
  for (const part of template.parts) {
    const own = part.id === 'A' ? a : part.id === 'B' ? b : [part.id]
    for (const id of own) {
      ids.push(id)
      typeIds.push(part.type)
    }
  }
  return { ids, typeIds }
}
