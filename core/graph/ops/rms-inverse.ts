import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { mul } from './mul.ts'
import { scale } from './scale.ts'

/** r = 1 / sqrt(mean(x²) + epsilon) over the last axis, kept as a dimension of one. */
export const rmsInverseOp: OpDef = {
  name: 'rmsInverse',
  infer: ([x]) => ({ shape: [...x!.shape.slice(0, -1), 1], dtype: 'f32' }),
  reference: ([x], { epsilon }, out) => {
    const width = x!.shape.at(-1)!
    return Float64Array.from({ length: out.shape.reduce((n, d) => n * d, 1) }, (_, row) => {
      const values = x!.data.subarray(row * width, (row + 1) * width)
      return 1 / Math.sqrt(values.reduce((s, v) => s + v * v, 0) / width + Number(epsilon))
    })
  },
  emit: (o, [x], node) => {
    const width = node.inputs[0]!.shape.at(-1)!
    const sum = o.node('ReduceSumSquare', [x!, o.ints([-1])], { keepdims: { i: 1 } })
    const mean = o.node('Mul', [sum, o.floats([1 / width], [])])
    const root = o.node('Sqrt', [o.node('Add', [mean, o.floats([Number(node.attributes.epsilon)], [])])])
    return o.node('Reciprocal', [root])
  },
  // dr/dx = −r³ · x / width
  grad: (dy, node) => {
    const x = node.inputs[0]!
    const cubed = mul(node, mul(node, node))
    return [mul(scale(mul(dy, cubed), -1 / x.shape.at(-1)!), x)]
  },
  samples: [
    { inputs: [f32(3, 8)], attributes: { epsilon: 1e-5 } },
    { inputs: [f32(2, 3, 4)], attributes: { epsilon: 1e-3 } },
  ],
}

export const rmsInverse = (x: Node, epsilon: number): Node => makeNode(rmsInverseOp, [x], { epsilon })
