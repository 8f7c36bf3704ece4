import { makeNode, type Node, sizeOf } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { splitAt } from '../shape.ts'
import { slice } from './slice.ts'

/** Joins values along one axis; all other dimensions are equal. */
export const concatOp: OpDef = {
  name: 'concat',
  infer: (inputs, { axis }) => ({
    shape: inputs[0]!.shape.map((d, i) => (i === axis ? inputs.reduce((n, x) => n + x.shape[i]!, 0) : d)),
    dtype: inputs[0]!.dtype,
  }),
  reference: (inputs, { axis }, out) => {
    const y = new Float64Array(sizeOf(out.shape))
    const [outer, size, inner] = splitAt(out.shape, Number(axis))
    let at = 0
    for (const x of inputs) {
      const width = x.shape[Number(axis)]! * inner
      for (let o = 0; o < outer; o++) y.set(x.data.subarray(o * width, (o + 1) * width), o * size * inner + at)
      at += width
    }
    return y
  },
  emit: (o, inputs, { attributes }) => o.node('Concat', inputs, { axis: { i: Number(attributes.axis) } }),
  grad: (dy, { inputs, attributes }) => {
    let at = 0
    return inputs.map((x) => {
      const begin = at
      at += x.shape[Number(attributes.axis)]!
      return slice(dy, Number(attributes.axis), begin, at)
    })
  },
  samples: [
    { inputs: [f32(2, 3), f32(2, 2)], attributes: { axis: 1 } },
    { inputs: [f32(1, 4), f32(3, 4), f32(2, 4)], attributes: { axis: 0 } },
  ],
}

export function concat(inputs: readonly Node[], axis: number): Node {
  return inputs.length === 1 ? inputs[0]! : makeNode(concatOp, inputs, { axis })
}
