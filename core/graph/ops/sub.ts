import { makeNode, type Node } from '../node.ts'
import { f32 } from '../op.ts'
import { binaryOp } from './elementwise.ts'
import { scale } from './scale.ts'

/** y = a − b with broadcasting. */
export const subOp = binaryOp({
  name: 'sub',
  onnx: 'Sub',
  apply: (a, b) => a - b,
  grad: (dy) => [dy, scale(dy, -1)],
  samples: [{ inputs: [f32(2, 3), f32(2, 3)] }, { inputs: [f32(4, 3), f32(4, 1)] }, { inputs: [f32(1), f32(0, 4)] }],
})

export const sub = (a: Node, b: Node): Node => makeNode(subOp, [a, b])
