import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { broadcastOffsets } from '../shape.ts'
import { type MatmulOptions, matmul, matmulOp } from './matmul.ts'

/**
 * y = alpha · op(a) · op(b) + c for matrices; c broadcasts onto y. One BLAS-3 call: adding onto an existing matrix is
 * free, so sums of products (LoRA on top of a frozen linear, several gradients of one input) are chains of gemm.
 */
export const gemmOp: OpDef = {
  name: 'gemm',
  infer: (inputs, attributes) => matmulOp.infer(inputs.slice(0, 2), attributes),
  reference: (inputs, attributes, out) => {
    const y = matmulOp.reference(inputs.slice(0, 2), attributes, out)
    const c = inputs[2]!
    broadcastOffsets(c.shape, out.shape).forEach((at, n) => {
      y[n]! += c.data[at]!
    })
    return y
  },
  emit: (o, inputs, { attributes: { transA, transB, alpha } }) =>
    o.node('Gemm', inputs, {
      transA: { i: Number(transA) },
      transB: { i: Number(transB) },
      alpha: { f: Number(alpha) },
    }),
  grad: (dy, node) => [...matmulOp.grad!(dy, { ...node, inputs: node.inputs.slice(0, 2) }), dy],
  samples: [
    { inputs: [f32(3, 4), f32(4, 2), f32(3, 2)], attributes: { transA: false, transB: false, alpha: 1 } },
    { inputs: [f32(4, 3), f32(5, 4), f32(5)], attributes: { transA: true, transB: true, alpha: 0.25 } },
    { inputs: [f32(3, 4), f32(2, 4), f32(3, 2)], attributes: { transA: false, transB: true, alpha: 2 } },
  ],
}

/** a · b (+ c) for matrices. */
export function gemm(
  a: Node,
  b: Node,
  c: Node | null,
  { transA = false, transB = false, alpha = 1 }: MatmulOptions = {},
): Node {
  if (c === null) return matmul(a, b, { transA, transB, alpha })
  return makeNode(gemmOp, [a, b, c], { transA, transB, alpha })
}
