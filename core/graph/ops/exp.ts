import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { mapValues, sameAsFirst } from './elementwise.ts'
import { mul } from './mul.ts'

/** y = e^x. */
export const expOp: OpDef = {
  name: 'exp',
  infer: sameAsFirst,
  reference: mapValues(Math.exp),
  emit: (o, [x]) => o.node('Exp', [x!]),
  grad: (dy, node) => [mul(dy, node)],
  samples: [{ inputs: [f32(2, 3)] }, { inputs: [f32(5)] }],
}

export const exp = (x: Node): Node => makeNode(expOp, [x])
