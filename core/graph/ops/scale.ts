import { makeNode, type Node } from '../node.ts'
import { f32, type OpDef } from '../op.ts'
import { sameAsFirst } from './elementwise.ts'

/** y = factor · x, the factor a constant of the graph. */
export const scaleOp: OpDef = {
  name: 'scale',
  infer: sameAsFirst,
  reference: ([x], { factor }) => x!.data.map((v) => v * Number(factor)),
  emit: (o, [x], { attributes }) =>
    attributes.factor === -1 ? o.node('Neg', [x!]) : o.node('Mul', [x!, o.floats([Number(attributes.factor)], [])]),
  grad: (dy, { attributes }) => [scale(dy, Number(attributes.factor))],
  samples: [
    { inputs: [f32(2, 3)], attributes: { factor: -1 } },
    { inputs: [f32(4)], attributes: { factor: 0.125 } },
  ],
}

export const scale = (x: Node, factor: number): Node => makeNode(scaleOp, [x], { factor })
