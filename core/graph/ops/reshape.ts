import { invariant } from '../../kit/error.ts'
import { makeNode, type Node, type Shape, sizeOf } from '../node.ts'
import { f32, type OpDef } from '../op.ts'

/** The same elements in another shape; ONNX Runtime does it without a copy. */
export const reshapeOp: OpDef = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    const to = shape as readonly number[]
    invariant(sizeOf(x!.shape) === sizeOf(to), `reshape [${x!.shape}] to [${to}]`)
    return { shape: to, dtype: x!.dtype }
  },
  reference: ([x]) => x!.data.slice(),
  emit: (o, [x], { shape }) => o.node('Reshape', [x!, o.ints(shape)], { allowzero: { i: 1 } }),
  grad: (dy, node) => [reshape(dy, node.inputs[0]!.shape)],
  samples: [
    { inputs: [f32(2, 6)], attributes: { shape: [3, 4] } },
    { inputs: [f32(4)], attributes: { shape: [2, 1, 2] } },
    { inputs: [f32(0, 4)], attributes: { shape: [2, 0] } },
  ],
}

export function reshape(x: Node, shape: Shape): Node {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x
  return makeNode(reshapeOp, [x.op === reshapeOp ? x.inputs[0]! : x], { shape })
}
