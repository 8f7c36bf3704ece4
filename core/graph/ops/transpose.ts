import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { stridesOf } from '../shape.ts'

/** Permutes axes: output axis i is input axis perm[i]. */
export const transposeOp: OpDef = {
  name: 'transpose',
  infer: ([x], { perm }) => ({ shape: (perm as readonly number[]).map((p) => x!.shape[p]!), dtype: x!.dtype }),
  reference: ([x], { perm }, out) => {
    const from = stridesOf(x!.shape)
    const strides = (perm as readonly number[]).map((p) => from[p]!)
    const index = new Array<number>(out.shape.length).fill(0)
    const y = new Float64Array(x!.data.length)
    for (let n = 0; n < y.length; n++) {
      y[n] = x!.data[index.reduce((at, v, i) => at + v * strides[i]!, 0)]!
      for (let i = out.shape.length - 1; i >= 0 && ++index[i]! === out.shape[i]; i--) index[i] = 0
    }
    return y
  },
  emit: (o, [x], { attributes }) => o.node('Transpose', [x!], { perm: { ints: attributes.perm as readonly number[] } }),
  grad: (dy, { attributes }) => {
    const perm = attributes.perm as readonly number[]
    return [
      transpose(
        dy,
        perm.map((_, i) => perm.indexOf(i)),
      ),
    ]
  },
  samples: [
    { inputs: [f32(2, 3)], attributes: { perm: [1, 0] } },
    { inputs: [f32(2, 3, 4, 5)], attributes: { perm: [2, 0, 3, 1] } },
  ],
}

export const transpose = (x: Node, perm: readonly number[]): Node => makeNode(transposeOp, [x], { perm })
