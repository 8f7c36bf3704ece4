import type { Symbols } from './merge.ts'
import { BpeModel } from './model-bpe.ts'
import { UnigramModel } from './model-unigram.ts'
import { WordPieceModel } from './model-wordpiece.ts'
import type { TokenizerSpec } from './spec.ts'

/** Turns one piece into token ids; `starts` are UTF-8 byte positions in the piece where each token begins. */
export interface Model {
  tokenize(piece: string): Symbols
}

/** Builds the model of a spec. Special tokens can never come out of ordinary text: their ids are closed to it. */
export function buildModel(spec: TokenizerSpec): Model {
  const vocabulary = openVocabulary(spec)
  switch (spec.model.kind) {
    case 'bpe':
      return new BpeModel(spec, spec.model, vocabulary)
    case 'unigram':
      return new UnigramModel(spec, spec.model, vocabulary)
    case 'wordpiece':
      return new WordPieceModel(spec.model, vocabulary)
  }
}

/** Token text → id for the tokens that ordinary text may become. */
function openVocabulary(spec: TokenizerSpec): ReadonlyMap<string, number> {
  const special = new Set(spec.added.filter((token) => token.special).map((token) => token.id))
  const vocabulary = new Map<string, number>()
  spec.tokens.forEach((token, id) => {
    if (token !== undefined && !special.has(id)) vocabulary.set(token, id)
  })
  return vocabulary
}
