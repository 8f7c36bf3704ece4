import { makeNode, type Node, type Shape, sizeOf } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { broadcastOffsets } from '../shape.ts'
import { expand } from './expand.ts'

/** Sum over axes, which stay as dimensions of one. */
export const reduceSumOp: OpDef = {
  name: 'reduceSum',
  infer: ([x], { axes }) => ({
    shape: x!.shape.map((d, i) => ((axes as readonly number[]).includes(i) ? 1 : d)),
    dtype: 'f32',
  }),
  reference: ([x], _attributes, out) => {
    const y = new Float64Array(sizeOf(out.shape))
    broadcastOffsets(out.shape, x!.shape).forEach((at, n) => {
      y[at]! += x!.data[n]!
    })
    return y
  },
  emit: (o, [x], { attributes }) =>
    o.node('ReduceSum', [x!, o.ints(attributes.axes as readonly number[])], { keepdims: { i: 1 } }),
  grad: (dy, { inputs }) => [expand(dy, inputs[0]!.shape)],
  samples: [
    { inputs: [f32(3, 4)], attributes: { axes: [1] } },
    { inputs: [f32(2, 3, 4)], attributes: { axes: [0, 2] } },
  ],
}

export const reduceSum = (x: Node, axes: readonly number[]): Node => makeNode(reduceSumOp, [x], { axes })

/** Sums a broadcast value back to `shape`: the one place where un-broadcasting happens. */
export function sumTo(x: Node, shape: Shape, reshape: (x: Node, shape: Shape) => Node): Node {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x
  const shift = x.shape.length - shape.length
  const axes = x.shape.flatMap((d, i) => (i < shift || (shape[i - shift] === 1 && d !== 1) ? [i] : []))
  return reshape(axes.length > 0 ? reduceSum(x, axes) : x, shape)
}
