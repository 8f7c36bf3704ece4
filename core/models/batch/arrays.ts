import { invariant } from '../../kit/error.ts'
import { type Layout, tokenRows } from './layout.ts'
import type { TokenSequence } from './sequence.ts'

/** Everything of a micro-batch that depends on its tokens, as plain arrays in the shapes the graphs expect. */
export interface BatchArrays {
  /** [T] token of every row; 0 at unused places. */
  readonly tokens: Int32Array
  /** [T] */
  readonly positions: BigInt64Array
  /** [1, bins, 1, S, S] */
  readonly binMask: Float32Array
  /** [1, 1, P, P] */
  readonly prefixMask: Float32Array
  /** [N] token row that predicts; unused places point at row 0 with weight 0. */
  readonly rows: BigInt64Array
  /** [N] token to predict */
  readonly targets: BigInt64Array
  /** [N, 1] */
  readonly weights: Float32Array
  /** Which sequence (index into the flattened bins) and which of its tokens each used prediction belongs to. */
  readonly origin: readonly { readonly sequence: number; readonly token: number }[]
}

/** Added to the score of a key that a query may not see. */
const hidden = -1e9

/** Causal mask [n, n] of a prefix. */
export function causalMask(n: number): Float32Array {
  const mask = new Float32Array(n * n)
  for (let q = 0; q < n; q++) mask.fill(hidden, q * n + q + 1, (q + 1) * n)
  return mask
}

/**
 * Lays sequences into a micro-batch. `startPosition` is the position of the first own token (the prefix length, or
 * the number of cached tokens when decoding). Unused places see only themselves.
 */
export function batchArrays(
  layout: Layout,
  prefix: ArrayLike<number>,
  bins: readonly (readonly TokenSequence[])[],
  startPosition = layout.prefix,
): BatchArrays {
  const { prefix: P, binLength: S, predictions: N } = layout
  const T = tokenRows(layout)
  invariant(prefix.length === P && bins.length <= layout.bins, 'the micro-batch does not fit its layout')
  const tokens = new Int32Array(T)
  const positions = new BigInt64Array(T)
  for (let i = 0; i < P; i++) {
    tokens[i] = prefix[i]!
    positions[i] = BigInt(i)
  }
  const binMask = new Float32Array(layout.bins * S * S).fill(hidden)
  const rows = new BigInt64Array(N)
  const targets = new BigInt64Array(N)
  const weights = new Float32Array(N)
  const origin: { sequence: number; token: number }[] = []
  let sequence = 0
  for (let b = 0; b < layout.bins; b++) {
    const maskAt = b * S * S
    for (let i = 0; i < S; i++) binMask[maskAt + i * S + i] = 0
    let at = 0
    for (const item of bins[b] ?? []) {
      const base = P + b * S + at
      invariant(at + item.ids.length <= S, 'a bin overflows')
      const depth = new Int32Array(item.ids.length)
      for (let i = 0; i < item.ids.length; i++) {
        const parent = item.parents === null ? i - 1 : item.parents[i]!
        depth[i] = parent < 0 ? 0 : depth[parent]! + 1
        tokens[base + i] = item.ids[i]!
        positions[base + i] = BigInt(startPosition + depth[i]!)
        const row = maskAt + (at + i) * S
        if (parent >= 0)
          binMask.copyWithin(row + at, maskAt + (at + parent) * S + at, maskAt + (at + parent) * S + at + i)
        binMask[row + at + i] = 0
      }
      for (const token of item.predicted) {
        const n = origin.length
        const parent = item.parents === null ? token - 1 : item.parents[token]!
        invariant(n < N && (parent >= 0 || P > 0), 'a predicted token has no predecessor or does not fit')
        rows[n] = BigInt(parent < 0 ? P - 1 : base + parent)
        targets[n] = BigInt(item.ids[token]!)
        weights[n] = item.weight
        origin.push({ sequence, token })
      }
      at += item.ids.length
      sequence++
    }
  }
  return { tokens, positions, binMask, prefixMask: causalMask(P), rows, targets, weights, origin }
}

/** Embedding rows of the tokens, [T, H]; written into `into` when given, so a step allocates nothing. */
export function embed(
  tokens: Int32Array,
  table: Float32Array,
  H: number,
  into = new Float32Array(tokens.length * H),
): Float32Array {
  tokens.forEach((token, t) => void into.set(table.subarray(token * H, (token + 1) * H), t * H))
  return into
}
