import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { sameAsFirst } from './elementwise.ts'

/**
 * y = x where keep is 1, else 0: dropout without its factor 1/(1 − rate), which the caller folds into a product it
 * computes anyway. `keep` [same shape, uint8] comes from a seeded stream outside the graph, so a recompute sees the
 * same mask.
 */
export const keepOp: OpDef = {
  name: 'keep',
  infer: sameAsFirst,
  reference: ([x, keep]) => x!.data.map((v, n) => v * keep!.data[n]!),
  emit: (o, [x, keep]) => o.node('Where', [o.node('Cast', [keep!], { to: { i: 9 } }), x!, o.floats([0], [])]),
  grad: (dy, { inputs }) => [keepWhere(dy, inputs[1]!), null],
  samples: [
    { inputs: [f32(2, 3), { shape: [2, 3], dtype: 'u8', values: [1, 0, 1, 1, 0, 1] }] },
    { inputs: [f32(4), { shape: [4], dtype: 'u8', values: [0, 0, 1, 1] }] },
  ],
}

export const keepWhere = (x: Node, keep: Node): Node => makeNode(keepOp, [x, keep])
