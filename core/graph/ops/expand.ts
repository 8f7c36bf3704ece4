import { makeNode, type Node, type Shape } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { broadcastOffsets } from '../shape.ts'

/** Broadcasts to a larger shape. */
export const expandOp: OpDef = {
  name: 'expand',
  infer: ([x], { shape }) => ({ shape: shape as readonly number[], dtype: x!.dtype }),
  reference: ([x], _attributes, out) => Float64Array.from(broadcastOffsets(x!.shape, out.shape), (at) => x!.data[at]!),
  emit: (o, [x], { shape }) => o.node('Expand', [x!, o.ints(shape)]),
  grad: (dy) => [dy],
  samples: [
    { inputs: [f32(3, 1)], attributes: { shape: [3, 4] } },
    { inputs: [f32(1, 2)], attributes: { shape: [2, 3, 2] } },
  ],
}

export const expand = (x: Node, shape: Shape): Node => makeNode(expandOp, [x], { shape })
