import type { DType } from '../node.ts'
import { makeNode, type Node, type Shape } from '../node.ts'
import type { OpDef } from '../op.ts'

/** A named value fed at run time: weights, adapter matrices, activations, indices. */
export const inputOp: OpDef = {
  name: 'input',
  infer: (_inputs, { shape, dtype }) => ({ shape: shape as readonly number[], dtype: dtype as DType }),
  reference: () => {
    throw new RangeError('an input has no value of its own')
  },
  emit: (_o, _inputs, { attributes }) => String(attributes.name),
  samples: [],
}

export const input = (name: string, shape: Shape, dtype: DType = 'f32'): Node =>
  makeNode(inputOp, [], { name, shape, dtype })
