import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { mapValues, sameAsFirst } from './elementwise.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** σ(x) = 1 / (1 + e^(−x)). */
export const sigmoidOp: OpDef = {
  name: 'sigmoid',
  infer: sameAsFirst,
  reference: mapValues((v) => 1 / (1 + Math.exp(-v))),
  emit: (o, [x]) => o.node('Sigmoid', [x!]),
  grad: (dy, node) => [mul(dy, sub(node, mul(node, node)))],
  samples: [{ inputs: [f32(2, 3)] }, { inputs: [f32(7)] }],
}

export const sigmoid = (x: Node): Node => makeNode(sigmoidOp, [x])
