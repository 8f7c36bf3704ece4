import { canonicalJson, sha256 } from '../../kit/index.ts'
import type { PatternName } from './patterns.ts'

/** One step that rewrites the text before splitting. */
export type Normalizer =
  | { readonly kind: 'unicode'; readonly form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' }
  | { readonly kind: 'replace'; readonly from: string; readonly to: string }
  /** Runs of two or more spaces become `to` (the one regular expression that published files use here). */
  | { readonly kind: 'spaces'; readonly to: string }
  | { readonly kind: 'prepend'; readonly text: string }
  | { readonly kind: 'lowercase' }
  | {
      readonly kind: 'bert'
      readonly cleanText: boolean
      readonly chinese: boolean
      readonly stripAccents: boolean
      readonly lowercase: boolean
    }

/** One step that splits the text into pieces the model sees one by one. */
export type PreTokenizer =
  | { readonly kind: 'split'; readonly pattern: PatternName; readonly keep: 'all' | 'matches' }
  /** A space in front of a piece that has none (GPT-2's add_prefix_space). */
  | { readonly kind: 'prefixSpace' }
  | {
      readonly kind: 'metaspace'
      readonly mark: string
      readonly prepend: 'always' | 'first' | 'never'
      readonly split: boolean
    }
  | { readonly kind: 'bert' }

export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special: boolean
  /** Matched in the normalised text instead of the raw text. */
  readonly normalized: boolean
  readonly singleWord: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
}

export type ModelSpec =
  | {
      readonly kind: 'bpe'
      /** Pieces are UTF-8 bytes written with GPT-2's printable alphabet. */
      readonly bytes: boolean
      /** Pairs of token ids, best first: left0, right0, left1, right1 … */
      readonly merges: Uint32Array
      readonly ignoreMerges: boolean
      /** An unknown character becomes `<0xNN>` tokens. */
      readonly byteFallback: boolean
      readonly unknown: number | null
      readonly fuseUnknown: boolean
    }
  | {
      readonly kind: 'unigram'
      readonly scores: readonly number[]
      readonly unknown: number
      readonly byteFallback: boolean
    }
  | {
      readonly kind: 'wordpiece'
      readonly prefix: string
      readonly unknown: number
      readonly maxCharacters: number
    }

export type DecodeStep =
  | { readonly kind: 'bytes' }
  | { readonly kind: 'replace'; readonly from: string; readonly to: string }
  | { readonly kind: 'byteFallback' }
  | { readonly kind: 'fuse' }
  | { readonly kind: 'metaspace'; readonly mark: string; readonly trimFirst: boolean }
  | { readonly kind: 'strip'; readonly text: string; readonly start: number; readonly stop: number }
  | { readonly kind: 'wordpiece'; readonly prefix: string; readonly cleanup: boolean }

/** What the post-processor puts around one text or a pair: token ids, or the text itself. */
export interface Template {
  readonly parts: readonly { readonly id: number | 'A' | 'B'; readonly type: number }[]
}

/** Everything that decides a tokenizer's behaviour, whatever file it came from. */
export interface TokenizerSpec {
  /** Token text by id, added tokens included; undefined where a file leaves an id unused. */
  readonly tokens: readonly (string | undefined)[]
  readonly added: readonly AddedToken[]
  readonly normalizers: readonly Normalizer[]
  readonly preTokenizers: readonly PreTokenizer[]
  readonly model: ModelSpec
  readonly single: Template
  readonly pair: Template
  readonly decoder: readonly DecodeStep[]
  readonly roles: SpecialRoles
}

/** Which token plays which part, as token text. */
export interface SpecialRoles {
  readonly bos?: string
  readonly eos?: string
  readonly unk?: string
  readonly pad?: string
}

export const onlyText: Template = { parts: [{ id: 'A', type: 0 }] }
export const textThenText: Template = {
  parts: [
    { id: 'A', type: 0 },
    { id: 'B', type: 1 },
  ],
}

/**
 * SHA-256 over what decides the ids of a text: vocabulary, model, normalizer, pre-tokenizer, added tokens. Left out is
 * what does not: decoder, roles and the tokens put around a text (a GGUF file often does not record these). So a
 * model's Hugging Face folder and its GGUF file have equal digests.
 */
export function digestOf(spec: TokenizerSpec): string {
  const { model } = spec
  // Unused ids at the end only pad the embedding matrix.
  let used = spec.tokens.length
  while (used > 0 && spec.tokens[used - 1] === undefined) used--
  return sha256(
    canonicalJson({
      version: 1,
      tokens: spec.tokens.slice(0, used).map((token) => token ?? null),
      added: [...spec.added].sort((a, b) => a.id - b.id),
      normalizers: spec.normalizers,
      preTokenizers: spec.preTokenizers,
      model: model.kind === 'bpe' ? { ...model, merges: Array.from(model.merges) } : model,
    }),
  )
}
