import { makeNode, type Node } from '../node.ts'
import { f32 } from '../op.ts'
import { binaryOp } from './elementwise.ts'

/** y = a + b with broadcasting. */
export const addOp = binaryOp({
  name: 'add',
  onnx: 'Add',
  apply: (a, b) => a + b,
  grad: (dy) => [dy, dy],
  samples: [{ inputs: [f32(2, 3), f32(2, 3)] }, { inputs: [f32(2, 1, 4), f32(3, 1)] }, { inputs: [f32(1), f32(0, 4)] }],
})

export const add = (a: Node, b: Node): Node => makeNode(addOp, [a, b])
