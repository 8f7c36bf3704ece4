import { makeNode, type Node } from '../node.ts'
import { f32, i64, type OpDef } from '../op.ts'
import { softmaxOp } from './softmax.ts'

/**
 * (softmax(logits) − one-hot(target)) ∘ weight: logits [N, V], targets [N], weight [N, 1] → [N, V], the gradient of
 * weighted cross-entropy. It shares LogSoftmax with the forward op: structurally equal nodes are emitted once.
 * Not differentiated again (training never needs second derivatives).
 */
export const crossEntropyGradOp: OpDef = {
  name: 'crossEntropyGrad',
  infer: ([logits]) => ({ shape: logits!.shape, dtype: 'f32' }),
  reference: ([logits, targets, weight], attributes, out) => {
    const V = logits!.shape[1]!
    const y = softmaxOp.reference([logits!], attributes, out)
    targets!.data.forEach((target, n) => {
      y[n * V + target]! -= 1
      for (let v = 0; v < V; v++) y[n * V + v]! *= weight!.data[n]!
    })
    return y
  },
  emit: (o, [logits, targets, weight], node) => {
    const N = node.shape[0]!
    const logProbs = o.node('LogSoftmax', [logits!], { axis: { i: -1 } })
    const scaled = o.node('Mul', [o.node('Exp', [logProbs]), weight!])
    const at = o.node('Reshape', [targets!, o.ints([N, 1])])
    return o.node('ScatterElements', [scaled, at, o.node('Neg', [weight!])], {
      axis: { i: 1 },
      reduction: { s: 'add' },
    })
  },
  samples: [{ inputs: [f32(3, 7), i64([3], [6, 0, 2]), f32(3, 1)] }, { inputs: [f32(1, 4), i64([1], [3]), f32(1, 1)] }],
}

export const crossEntropyGrad = (logits: Node, targets: Node, weight: Node): Node =>
  makeNode(crossEntropyGradOp, [logits, targets, weight])
