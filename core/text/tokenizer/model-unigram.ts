import { fallbackToken } from './byte-alphabet.ts'
import type { Symbols } from './merge.ts'
import type { Model } from './model.ts'
import type { ModelSpec, TokenizerSpec } from './spec.ts'
import { type TrieNode, trieAdd, trieNode } from './trie.ts'
import { utf8 } from './utf8.ts'

type UnigramSpec = Extract<ModelSpec, { kind: 'unigram' }>

/** An unknown character costs this much more than the least likely token (SentencePiece). */
const UNKNOWN_PENALTY = 10

/** Unigram language model (Kudo, 2018): the split of a piece with the highest sum of scores, by dynamic programming. */
export class UnigramModel implements Model {
  readonly #spec: UnigramSpec
  readonly #root: TrieNode = trieNode()
  readonly #bytes: Int32Array
  readonly #unknownScore: number

  constructor(tokenizer: TokenizerSpec, spec: UnigramSpec, vocabulary: ReadonlyMap<string, number>) {
    this.#spec = spec
    const added = new Set(tokenizer.added.map((token) => token.id))
    for (const [token, id] of vocabulary) if (token !== '' && !added.has(id)) trieAdd(this.#root, token, id)
    this.#unknownScore = spec.scores.reduce((low, score) => Math.min(low, score), Number.POSITIVE_INFINITY)
    this.#unknownScore -= UNKNOWN_PENALTY
    this.#bytes = Int32Array.from({ length: 256 }, (_, byte) => vocabulary.get(fallbackToken(byte)) ?? -1)
  }

  tokenize(piece: string): Symbols {
    const { from, id } = this.#bestPath(piece)
    const cuts: { begin: number; end: number; id: number }[] = []
    for (let end = piece.length; end > 0; end = from[end] as number) {
      const begin = from[end] as number
      const last = cuts.at(-1)
      // Neighbouring unknown characters are one unknown token.
      if (id[end] === -1 && last?.id === -1) last.begin = begin
      else cuts.push({ begin, end, id: id[end] as number })
    }
    const symbols: Symbols = { ids: [], starts: [] }
    let at = 0
    for (const cut of cuts.reverse()) {
      const text = piece.slice(cut.begin, cut.end)
      const bytes = utf8(text)
      if (cut.id >= 0) push(symbols, cut.id, at)
      else if (this.#spec.byteFallback && bytes.every((byte) => (this.#bytes[byte] as number) >= 0)) {
        for (const [i, byte] of bytes.entries()) push(symbols, this.#bytes[byte] as number, at + i)
      } else push(symbols, this.#spec.unknown, at)
      at += bytes.length
    }
    return symbols
  }

  /** For every end position: where the best last token begins, and its id (-1 for an unknown character). */
  #bestPath(piece: string): { from: Int32Array; id: Int32Array } {
    const n = piece.length
    const score = new Float64Array(n + 1)
    const from = new Int32Array(n + 1).fill(-1)
    const id = new Int32Array(n + 1)
    const offer = (begin: number, end: number, token: number, gain: number): void => {
      const candidate = (score[begin] as number) + gain
      if (from[end] !== -1 && candidate <= (score[end] as number)) return
      score[end] = candidate
      from[end] = begin
      id[end] = token
    }
    for (let begin = 0; begin < n; ) {
      const width = (piece.codePointAt(begin) as number) > 0xffff ? 2 : 1
      let single = false
      let node: TrieNode | undefined = this.#root
      for (let end = begin; end < n; ) {
        node = node.next.get(piece.charCodeAt(end++))
        if (node === undefined) break
        if (node.value < 0) continue
        offer(begin, end, node.value, this.#spec.scores[node.value] as number)
        if (end === begin + width) single = true
      }
      if (!single) offer(begin, begin + width, -1, this.#unknownScore)
      begin += width
    }
    return { from, id }
  }
}

function push(symbols: Symbols, id: number, start: number): void {
  symbols.ids.push(id)
  symbols.starts.push(start)
}
