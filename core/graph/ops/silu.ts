import { makeNode, type Node } from '../node.ts'
import { contribDomain, f32, type OpDef } from '../op.ts'
import { add } from './add.ts'
import { mapValues, sameAsFirst } from './elementwise.ts'
import { mul } from './mul.ts'
import { sigmoid } from './sigmoid.ts'
import { sub } from './sub.ts'

/** y = x · σ(x) (Elfwing et al., 2017); QuickGelu with alpha 1 computes exactly this in one pass. */
export const siluOp: OpDef = {
  name: 'silu',
  infer: sameAsFirst,
  reference: mapValues((v) => v / (1 + Math.exp(-v))),
  emit: (o, [x]) => o.node('QuickGelu', [x!], { alpha: { f: 1 } }, contribDomain),
  // silu' = y + σ·(1 − y) = σ + y − σ·y: the forward value y is already there, so three passes suffice.
  grad: (dy, node) => {
    const s = sigmoid(node.inputs[0]!)
    return [mul(dy, add(node, sub(s, mul(s, node))))]
  },
  samples: [{ inputs: [f32(2, 3)] }, { inputs: [f32(1)] }, { inputs: [f32(3, 5, 2)] }],
}

export const silu = (x: Node): Node => makeNode(siluOp, [x])
