import { add, concat, matmul, type Node, reshape, slice, softmax, transpose } from '../../graph/index.ts'
import type { Layout } from '../batch/layout.ts'
import type { ModelConfig } from '../config.ts'

/** Keys and values that every bin may attend to: [Hk, P, D] each; `mask` [P] is added to the scores (0 or −1e9). */
export interface PrefixCache {
  readonly k: Node
  readonly v: Node
  readonly mask: Node | null
}

export interface AttentionInputs {
  /** [T, Hk·G·D], rotary embedding applied. */
  readonly q: Node
  /** [T, Hk·D], rotary embedding applied. */
  readonly k: Node
  /** [T, Hk·D] */
  readonly v: Node
  /** [1, bins, 1, S, S]: 0 where the query may see the key, else −1e9. */
  readonly binMask: Node
  /** [1, 1, P, P] causal mask; used when the layout has a prefix of its own. */
  readonly prefixMask: Node | null
  /** Given keys and values instead of a computed prefix (decoding). */
  readonly cache: PrefixCache | null
}

/**
 * Grouped-query attention over a shared prefix and packed bins; returns [T, Hk·G·D]. One softmax runs over prefix and
 * own keys together. Queries of all bins meet the prefix keys in one flat matmul, so in backward the prefix's
 * gradient sums over all rows by itself.
 */
export function attention(config: ModelConfig, layout: Layout, inputs: AttentionInputs): Node {
  const { kvHeads: Hk, headDim: D } = config
  const G = config.heads / Hk
  const { bins: NB, binLength: S } = layout
  const alpha = 1 / Math.sqrt(D)
  const P = inputs.cache === null ? layout.prefix : 0
  const T = P + NB * S

  const own = (x: Node): Node => slice(x, 0, P, T)
  const keys = (x: Node): Node => transpose(reshape(own(x), [NB, S, Hk, D]), [2, 0, 1, 3])
  const q = reshape(transpose(reshape(own(inputs.q), [NB, S, Hk, G, D]), [2, 0, 3, 1, 4]), [Hk, NB, G * S, D])
  const scores = matmul(q, keys(inputs.k), { transB: true, alpha })
  const masked = reshape(add(reshape(scores, [Hk, NB, G, S, S]), inputs.binMask), [Hk, NB, G * S, S])

  const computed = P > 0 ? prefixOf(config, P, inputs) : null
  const shared = inputs.cache ?? computed
  let out: Node
  if (shared === null) {
    out = matmul(softmax(masked), keys(inputs.v))
  } else {
    const width = shared.k.shape[1]!
    const flat = [Hk, NB * G * S, D]
    let toPrefix = reshape(matmul(reshape(q, flat), shared.k, { transB: true, alpha }), [Hk, NB, G * S, width])
    if (shared.mask !== null) toPrefix = add(toPrefix, shared.mask)
    const probs = softmax(concat([toPrefix, masked], 3))
    const prefixProbs = reshape(slice(probs, 3, 0, width), [Hk, NB * G * S, width])
    const fromPrefix = reshape(matmul(prefixProbs, shared.v), [Hk, NB, G * S, D])
    out = add(matmul(slice(probs, 3, width, width + S), keys(inputs.v)), fromPrefix)
  }
  const rows = reshape(transpose(reshape(out, [Hk, NB, G, S, D]), [1, 3, 0, 2, 4]), [NB * S, Hk * G * D])
  return computed === null ? rows : concat([computed.rows, rows], 0)
}

/** The prefix attends to itself causally; its keys and values are what the bins see. */
function prefixOf(config: ModelConfig, P: number, inputs: AttentionInputs): PrefixCache & { rows: Node } {
  const { kvHeads: Hk, headDim: D } = config
  const G = config.heads / Hk
  const heads = (x: Node): Node => transpose(reshape(slice(x, 0, 0, P), [P, Hk, D]), [1, 0, 2])
  const k = heads(inputs.k)
  const v = heads(inputs.v)
  const q = reshape(transpose(reshape(slice(inputs.q, 0, 0, P), [P, Hk, G, D]), [1, 2, 0, 3]), [Hk, G * P, D])
  const scores = reshape(matmul(q, k, { transB: true, alpha: 1 / Math.sqrt(D) }), [Hk, G, P, P])
  const probs = reshape(softmax(add(scores, inputs.prefixMask!)), [Hk, G * P, P])
  const out = reshape(matmul(probs, v), [Hk, G, P, D])
  const rows = reshape(transpose(out, [2, 0, 1, 3]), [P, Hk * G * D])
  return { k, v, mask: null, rows }
}
