import { makeNode, type Node, sizeOf } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { splitAt } from '../shape.ts'
import { slice } from './slice.ts'

/** Zeros before and after along one axis (the gradient of a slice). */
export const padAxisOp: OpDef = {
  name: 'padAxis',
  infer: ([x], { axis, before, after }) => ({
    shape: x!.shape.map((d, i) => (i === axis ? d + Number(before) + Number(after) : d)),
    dtype: x!.dtype,
  }),
  reference: ([x], { axis, before }, out) => {
    const [outer, size, inner] = splitAt(x!.shape, Number(axis))
    const y = new Float64Array(sizeOf(out.shape))
    const outSize = out.shape[Number(axis)]!
    for (let o = 0; o < outer; o++) {
      const rows = x!.data.subarray(o * size * inner, (o + 1) * size * inner)
      y.set(rows, (o * outSize + Number(before)) * inner)
    }
    return y
  },
  emit: (o, [x], { shape, attributes: { axis, before, after } }) => {
    const begins = shape.map((_, i) => (i === axis ? Number(before) : 0))
    const ends = shape.map((_, i) => (i === axis ? Number(after) : 0))
    return o.node('Pad', [x!, o.ints([...begins, ...ends])])
  },
  grad: (dy, { inputs, attributes: { axis, before } }) => {
    const size = inputs[0]!.shape[Number(axis)]!
    return [slice(dy, Number(axis), Number(before), Number(before) + size)]
  },
  samples: [
    { inputs: [f32(3, 2)], attributes: { axis: 0, before: 1, after: 2 } },
    { inputs: [f32(2, 2, 2)], attributes: { axis: 1, before: 0, after: 3 } },
  ],
}

export const padAxis = (x: Node, axis: number, before: number, after: number): Node =>
  makeNode(padAxisOp, [x], { axis, before, after })
