import { characterOfByte, fallbackToken, writeBytes } from './byte-alphabet.ts'
import { MergeTable, mergeSymbols, type Symbols } from './merge.ts'
import type { Model } from './model.ts'
import type { ModelSpec, TokenizerSpec } from './spec.ts'
import { utf8, utf8Length } from './utf8.ts'

type BpeSpec = Extract<ModelSpec, { kind: 'bpe' }>

/** Byte pair encoding (Sennrich et al., 2016), over bytes (GPT-2) or over characters with byte fallback (SentencePiece). */
export class BpeModel implements Model {
  readonly #spec: BpeSpec
  readonly #vocabulary: ReadonlyMap<string, number>
  readonly #merges: MergeTable
  /** Id of each byte's own token, -1 where the vocabulary has none. */
  readonly #bytes: Int32Array
  /** Tokens a whole piece may become at once (Llama 3's ignore_merges); added tokens are not among them. */
  readonly #added: ReadonlySet<number>

  constructor(tokenizer: TokenizerSpec, spec: BpeSpec, vocabulary: ReadonlyMap<string, number>) {
    this.#spec = spec
    this.#vocabulary = vocabulary
    this.#added = new Set(tokenizer.added.map((token) => token.id))
    this.#bytes = new Int32Array(256).fill(-1)
    for (let byte = 0; byte < 256; byte++) {
      const token = spec.bytes ? characterOfByte(byte) : fallbackToken(byte)
      this.#bytes[byte] = vocabulary.get(token) ?? -1
    }
    this.#merges = mergeTable(tokenizer.tokens, spec.merges, vocabulary)
  }

  tokenize(piece: string): Symbols {
    if (this.#spec.ignoreMerges) {
      const whole = this.#vocabulary.get(this.#spec.bytes ? writeBytes(utf8(piece)) : piece)
      if (whole !== undefined && !this.#added.has(whole)) return { ids: [whole], starts: [0] }
    }
    const symbols = this.#spec.bytes ? this.#byteSymbols(piece) : this.#characterSymbols(piece)
    mergeSymbols(symbols, this.#merges)
    return symbols
  }

  /**
   * A byte without a token becomes the unknown token, or nothing when there is none: some published vocabularies
   * (SmolLM2) lack a few control bytes, and dropping them is what the model saw in training.
   */
  #byteSymbols(piece: string): Symbols {
    const ids: number[] = []
    const starts: number[] = []
    const bytes = utf8(piece)
    for (let at = 0; at < bytes.length; at++) {
      let id = this.#bytes[bytes[at] as number] as number
      if (id < 0) id = this.#spec.unknown ?? -1
      if (id < 0) continue
      ids.push(id)
      starts.push(at)
    }
    return { ids, starts }
  }

  #characterSymbols(piece: string): Symbols {
    const symbols: Symbols = { ids: [], starts: [] }
    let at = 0
    let unknownBefore = false
    for (const character of piece) {
      const id = this.#vocabulary.get(character)
      if (id !== undefined) {
        symbols.ids.push(id)
        symbols.starts.push(at)
        unknownBefore = false
      } else if (this.#spec.byteFallback && this.#pushBytes(symbols, character, at)) {
        unknownBefore = false
      } else if (this.#spec.unknown !== null) {
        if (!(unknownBefore && this.#spec.fuseUnknown)) {
          symbols.ids.push(this.#spec.unknown)
          symbols.starts.push(at)
        }
        unknownBefore = true
      }
      at += utf8Length(character.codePointAt(0) as number)
    }
    return symbols
  }

  /** Writes a character as byte tokens; false, and nothing written, when one of them is missing. */
  #pushBytes(symbols: Symbols, character: string, at: number): boolean {
    const bytes = utf8(character)
    if (bytes.some((byte) => (this.#bytes[byte] as number) < 0)) return false
    bytes.forEach((byte, i) => {
      symbols.ids.push(this.#bytes[byte] as number)
      symbols.starts.push(at + i)
    })
    return true
  }
}

/** Leaves out merges that would make a closed (special) token. */
function mergeTable(
  tokens: readonly (string | undefined)[],
  pairs: Uint32Array,
  vocabulary: ReadonlyMap<string, number>,
): MergeTable {
  const count = pairs.length / 2
  const kept = new Uint32Array(pairs.length)
  const result = new Uint32Array(count)
  let used = 0
  for (let rank = 0; rank < count; rank++) {
    const left = pairs[2 * rank] as number
    const right = pairs[2 * rank + 1] as number
    const merged = vocabulary.get(`${tokens[left]}${tokens[right]}`)
    if (merged === undefined) continue
    kept[2 * used] = left
    kept[2 * used + 1] = right
    result[used++] = merged
  }
  return new MergeTable(kept.subarray(0, 2 * used), result.subarray(0, used))
}
