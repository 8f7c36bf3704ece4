import { makeNode, type Node } from '../node.ts'
import { f32 } from '../op.ts'
import { binaryOp } from './elementwise.ts'

/** y = a ∘ b with broadcasting. */
export const mulOp = binaryOp({
  name: 'mul',
  onnx: 'Mul',
  apply: (a, b) => a * b,
  grad: (dy, a, b) => [mul(dy, b), mul(dy, a)],
  samples: [
    { inputs: [f32(2, 3), f32(2, 3)] },
    { inputs: [f32(4, 3), f32(4, 1)] },
    { inputs: [f32(2, 1, 3), f32(5, 1)] },
  ],
})

export const mul = (a: Node, b: Node): Node => makeNode(mulOp, [a, b])
