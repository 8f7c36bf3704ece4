import { makeNode, type Node } from '../node.ts'
import { f32, i64, type OpDef } from '../op.ts'
import { crossEntropyGrad } from './cross-entropy-grad.ts'

/** Per row −log softmax(logits)[target]: logits [N, V], targets [N] int64 → [N, 1]. */
export const crossEntropyOp: OpDef = {
  name: 'crossEntropy',
  infer: ([logits]) => ({ shape: [logits!.shape[0]!, 1], dtype: 'f32' }),
  reference: ([logits, targets]) => {
    const V = logits!.shape[1]!
    return targets!.data.map((target, n) => {
      const row = logits!.data.subarray(n * V, (n + 1) * V)
      const top = row.reduce((m, v) => Math.max(m, v), -Infinity)
      return Math.log(row.reduce((s, v) => s + Math.exp(v - top), 0)) + top - row[target]!
    })
  },
  emit: (o, [logits, targets], node) => {
    const logProbs = o.node('LogSoftmax', [logits!], { axis: { i: -1 } })
    const at = o.node('Reshape', [targets!, o.ints([node.shape[0]!, 1])])
    return o.node('Neg', [o.node('GatherElements', [logProbs, at], { axis: { i: 1 } })])
  },
  grad: (dy, { inputs: [logits, targets] }) => [crossEntropyGrad(logits!, targets!, dy), null],
  samples: [{ inputs: [f32(3, 7), i64([3], [6, 0, 2])] }, { inputs: [f32(1, 4), i64([1], [3])] }],
}

export const crossEntropy = (logits: Node, targets: Node): Node => makeNode(crossEntropyOp, [logits, targets])
