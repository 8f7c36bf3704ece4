import {
  add,
  concat,
  crossEntropy,
  gradients,
  matmul,
  mul,
  type Node,
  reduceSum,
  rmsNorm,
  slice,
} from '../../graph/index.ts'
import type { GraphContext } from './decoder.ts'

/** Final norm over [N, H]. */
export function finalNorm({ config, inputs }: GraphContext, hidden: Node): Node {
  return rmsNorm(hidden, inputs.get('norm.weight', [config.hidden]), config.rmsEpsilon)
}

/** lm_head on normed rows [n, H] → logits [n, V]. */
export function logitsOf({ config, inputs }: GraphContext, normed: Node): Node {
  return matmul(normed, inputs.get('lm_head.weight', [config.vocab, config.hidden]), { transB: true })
}

/** Rows handled by the head at once: bounds the logits in memory (128 × 49,152 floats = 25 MB, about four such arrays live at once). */
const chunkRows = 128

/** [begin, end) of the head's chunks over n rows. */
export function headChunks(n: number): [number, number][] {
  return Array.from({ length: Math.ceil(n / chunkRows) }, (_, i) => [i * chunkRows, Math.min(n, (i + 1) * chunkRows)])
}

/**
 * Cross-entropy of the rows `normed` [N, H] against `targets` [N] with `row_weights` [N, 1], chunk by chunk, and the
 * gradient with respect to `normed`. The gradient is formed beside the loss, so logits never outlive their chunk.
 */
export function weightedLoss(ctx: GraphContext, normed: Node): { loss: Node; gradient: Node } {
  const N = normed.shape[0]!
  const targets = ctx.inputs.get('targets', [N], 'i64')
  const weights = ctx.inputs.get('row_weights', [N, 1])
  let loss: Node | null = null
  const parts: Node[] = []
  for (const [begin, end] of headChunks(N)) {
    const rows = slice(normed, 0, begin, end)
    const weight = slice(weights, 0, begin, end)
    const entropy = crossEntropy(logitsOf(ctx, rows), slice(targets, 0, begin, end))
    const sum = reduceSum(mul(entropy, weight), [0])
    loss = loss === null ? sum : add(loss, sum)
    parts.push(...gradients([{ output: entropy, gradient: weight }], [rows]))
  }
  return { loss: loss!, gradient: concat(parts, 0) }
}

/** log p(target) of each row, [N, 1], chunk by chunk. */
export function targetLogProbs(ctx: GraphContext, normed: Node): Node {
  const N = normed.shape[0]!
  const targets = ctx.inputs.get('targets', [N], 'i64')
  const parts = headChunks(N).map(([begin, end]) =>
    crossEntropy(logitsOf(ctx, slice(normed, 0, begin, end)), slice(targets, 0, begin, end)),
  )
  return concat(parts, 0)
}
