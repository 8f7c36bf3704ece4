import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'

/** y = x where keep is 1, else 0, times 1/(1 − rate). `keep` [same shape] uint8 comes from a seeded stream outside the graph, so a recompute sees the same mask. */
export const dropoutOp: OpDef = {
  name: 'dropout',
  infer: ([x]) => ({ shape: x!.shape, dtype: 'f32' }),
  reference: ([x, keep], { rate }) => x!.data.map((v, n) => (v * keep!.data[n]!) / (1 - Number(rate))),
  emit: (o, [x, keep], { attributes }) => {
    const factor = o.floats([1 / (1 - Number(attributes.rate))], [])
    const kept = o.node('Cast', [keep!], { to: { i: 9 } })
    return o.node('Where', [kept, o.node('Mul', [x!, factor]), o.floats([0], [])])
  },
  grad: (dy, { inputs, attributes }) => [dropout(dy, inputs[1]!, Number(attributes.rate)), null],
  samples: [
    { inputs: [f32(2, 3), { shape: [2, 3], dtype: 'u8', values: [1, 0, 1, 1, 0, 1] }], attributes: { rate: 0.1 } },
    { inputs: [f32(4), { shape: [4], dtype: 'u8', values: [0, 0, 1, 1] }], attributes: { rate: 0.5 } },
  ],
}

export const dropout = (x: Node, keep: Node, rate: number): Node => makeNode(dropoutOp, [x, keep], { rate })
