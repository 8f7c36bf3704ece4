import { invariant } from '../../kit/error.ts'
import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { splitAt } from '../shape.ts'
import { padAxis } from './pad-axis.ts'

/** Elements begin ≤ i < end along one axis. */
export const sliceOp: OpDef = {
  name: 'slice',
  infer: ([x], { axis, begin, end }) => {
    const size = x!.shape[Number(axis)]!
    invariant(
      Number(begin) >= 0 && Number(begin) <= Number(end) && Number(end) <= size,
      `slice ${begin}..${end} of ${size}`,
    )
    return { shape: x!.shape.map((d, i) => (i === axis ? Number(end) - Number(begin) : d)), dtype: x!.dtype }
  },
  reference: ([x], { axis, begin, end }, out) => {
    const [outer, size, inner] = splitAt(x!.shape, Number(axis))
    const width = (Number(end) - Number(begin)) * inner
    const y = new Float64Array(out.shape.reduce((n, d) => n * d, 1))
    for (let o = 0; o < outer; o++) {
      const from = (o * size + Number(begin)) * inner
      y.set(x!.data.subarray(from, from + width), o * width)
    }
    return y
  },
  emit: (o, [x], { attributes: { axis, begin, end } }) =>
    o.node('Slice', [x!, o.ints([Number(begin)]), o.ints([Number(end)]), o.ints([Number(axis)])]),
  grad: (dy, { inputs, attributes: { axis, begin, end } }) => {
    const size = inputs[0]!.shape[Number(axis)]!
    return [padAxis(dy, Number(axis), Number(begin), size - Number(end))]
  },
  samples: [
    { inputs: [f32(5, 3)], attributes: { axis: 0, begin: 1, end: 4 } },
    { inputs: [f32(2, 6, 2)], attributes: { axis: 1, begin: 0, end: 2 } },
    { inputs: [f32(2, 4)], attributes: { axis: 1, begin: 4, end: 4 } },
  ],
}

export function slice(x: Node, axis: number, begin: number, end: number): Node {
  if (begin === 0 && end === x.shape[axis]) return x
  return makeNode(sliceOp, [x], { axis, begin, end })
}
