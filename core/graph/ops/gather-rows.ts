import { makeNode, type Node, sizeOf } from '../node.ts'
import { f32, i64, type OpDef } from '../op.ts'
import { scatterRows } from './scatter-rows.ts'

/** y[n] = x[index[n]] along the first axis; an index may occur several times. */
export const gatherRowsOp: OpDef = {
  name: 'gatherRows',
  infer: ([x, index]) => ({ shape: [...index!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }),
  reference: ([x, index], _attributes, out) => {
    const width = sizeOf(x!.shape.slice(1))
    const y = new Float64Array(sizeOf(out.shape))
    index!.data.forEach((row, n) => void y.set(x!.data.subarray(row * width, (row + 1) * width), n * width))
    return y
  },
  emit: (o, [x, index]) => o.node('Gather', [x!, index!], { axis: { i: 0 } }),
  grad: (dy, { inputs: [x, index] }) => [scatterRows(dy, index!, x!.shape[0]!), null],
  samples: [{ inputs: [f32(5, 3), i64([4], [4, 0, 2, 2])] }, { inputs: [f32(3, 2, 2), i64([2], [1, 0])] }],
}

export const gatherRows = (x: Node, index: Node): Node => makeNode(gatherRowsOp, [x, index])
