import { makeNode, type Node, sizeOf } from '../node.ts'
import { f32, i64, type OpDef } from '../op.ts'
import { gatherRows } from './gather-rows.ts'

/** y[index[n]] += x[n] over zeros of `rows` rows (the gradient of a row gather; repeated indices add up). */
export const scatterRowsOp: OpDef = {
  name: 'scatterRows',
  infer: ([x], { rows }) => ({ shape: [Number(rows), ...x!.shape.slice(1)], dtype: x!.dtype }),
  reference: ([x, index], _attributes, out) => {
    const width = sizeOf(x!.shape.slice(1))
    const y = new Float64Array(sizeOf(out.shape))
    index!.data.forEach((row, n) => {
      for (let i = 0; i < width; i++) y[row * width + i]! += x!.data[n * width + i]!
    })
    return y
  },
  emit: (o, [x, index], node) => {
    const zeros = o.node('ConstantOfShape', [o.ints(node.shape)])
    const at = o.node('Reshape', [index!, o.ints([-1, 1])])
    return o.node('ScatterND', [zeros, at, x!], { reduction: { s: 'add' } })
  },
  grad: (dy, { inputs }) => [gatherRows(dy, inputs[1]!), null],
  samples: [
    { inputs: [f32(3, 2), i64([3], [4, 1, 1])], attributes: { rows: 6 } },
    { inputs: [f32(2, 3), i64([2], [0, 2])], attributes: { rows: 3 } },
  ],
}

export const scatterRows = (x: Node, index: Node, rows: number): Node => makeNode(scatterRowsOp, [x, index], { rows })
