import type { Symbols } from './merge.ts'
import type { Model } from './model.ts'
import type { ModelSpec } from './spec.ts'
import { utf8Length } from './utf8.ts'

type WordPieceSpec = Extract<ModelSpec, { kind: 'wordpiece' }>

/** WordPiece (BERT): the longest known beginning, again and again; a word that cannot be covered is one unknown token. */
export class WordPieceModel implements Model {
  readonly #spec: WordPieceSpec
  readonly #vocabulary: ReadonlyMap<string, number>

  constructor(spec: WordPieceSpec, vocabulary: ReadonlyMap<string, number>) {
    this.#spec = spec
    this.#vocabulary = vocabulary
  }

  tokenize(piece: string): Symbols {
    const characters = Array.from(piece)
    const unknown: Symbols = { ids: [this.#spec.unknown], starts: [0] }
    if (characters.length > this.#spec.maxCharacters) return unknown
    const symbols: Symbols = { ids: [], starts: [] }
    let byte = 0
    for (let begin = 0; begin < characters.length; ) {
      let end = characters.length
      let id: number | undefined
      for (; end > begin; end--) {
        const part = characters.slice(begin, end).join('')
        id = this.#vocabulary.get(begin > 0 ? this.#spec.prefix + part : part)
        if (id !== undefined) break
      }
      if (id === undefined) return unknown
      symbols.ids.push(id)
      symbols.starts.push(byte)
      for (; begin < end; begin++) byte += utf8Length((characters[begin] as string).codePointAt(0) as number)
    }
    return symbols
  }
}
