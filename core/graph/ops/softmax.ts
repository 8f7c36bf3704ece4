import { makeNode, type Node } from '../node.ts'
import { f32, f32In, type OpDef } from '../op.ts'
import { splitAt } from '../shape.ts'
import { sameAsFirst } from './elementwise.ts'
import { mul } from './mul.ts'
import { reduceSum } from './reduce-sum.ts'
import { sub } from './sub.ts'

/** Softmax over the last axis. */
export const softmaxOp: OpDef = {
  name: 'softmax',
  infer: sameAsFirst,
  reference: ([x]) => {
    const [rows, width] = splitAt(x!.shape, x!.shape.length - 1)
    const y = new Float64Array(x!.data.length)
    for (let r = 0; r < rows; r++) {
      const row = x!.data.subarray(r * width, (r + 1) * width)
      const top = row.reduce((m, v) => Math.max(m, v), -Infinity)
      const e = row.map((v) => Math.exp(v - top))
      const sum = e.reduce((s, v) => s + v, 0)
      y.set(
        e.map((v) => v / sum),
        r * width,
      )
    }
    return y
  },
  emit: (o, [x]) => o.node('Softmax', [x!], { axis: { i: -1 } }),
  // dx = y ∘ (dy − rowsum(dy ∘ y))
  grad: (dy, node) => {
    const weighted = mul(dy, node)
    return [sub(weighted, mul(node, reduceSum(weighted, [node.shape.length - 1])))]
  },
  samples: [{ inputs: [f32(3, 5)] }, { inputs: [f32(2, 2, 4)] }, { inputs: [f32In([-30, 30], 2, 6)] }],
}

export const softmax = (x: Node): Node => makeNode(softmaxOp, [x])
