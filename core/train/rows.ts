import { chain, commonPrefix, type TokenSequence } from '../models/index.ts'

/** One training row as tokens: everything up to and including the last supervised token. */
export interface TokenRow {
  readonly ids: Uint32Array
  /** Supervised token ranges [begin, end), ascending; the last one ends the row. */
  readonly answers: readonly (readonly [number, number])[]
  readonly weight: number
}

/** Rows with their common prompt prefix taken out: `sequences[i]` holds the own tokens of row i. */
export interface SharedRows {
  readonly prefix: Uint32Array
  readonly sequences: readonly TokenSequence[]
  /** Tokens of each whole row: what a plain trainer would process. */
  readonly lengths: readonly number[]
}

/** Finds the token-level common prefix of all rows (never reaching into an answer) and splits it off. */
export function shareRows(rows: readonly TokenRow[], sharing: 'auto' | 'off'): SharedRows {
  const first = Math.min(...rows.map((r) => r.answers[0]?.[0] ?? r.ids.length))
  const P =
    sharing === 'off'
      ? 0
      : commonPrefix(
          rows.map((r) => r.ids),
          first,
        )
  return {
    prefix: rows[0]?.ids.slice(0, P) ?? new Uint32Array(),
    sequences: rows.map((row) => ownTokens(row, P)),
    lengths: rows.map((r) => r.ids.length),
  }
}

function ownTokens({ ids, answers, weight }: TokenRow, P: number): TokenSequence {
  const own = chain(ids.subarray(P), 0, 0, weight)
  const predicted = answers.flatMap(([begin, end]) => Array.from({ length: end - begin }, (_, i) => begin + i - P))
  // Without any prefix the very first token has no predecessor and cannot be predicted.
  return { ...own, predicted: P === 0 ? predicted.filter((t) => t > 0) : predicted }
}
