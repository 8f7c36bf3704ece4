import { makeNode, type Node } from '../node.ts'
import { f32, f32In, type NdArray, type OpDef } from '../op.ts'
import { sameAsFirst } from './elementwise.ts'
import { mul } from './mul.ts'
import { reduceSum } from './reduce-sum.ts'
import { rmsInverse } from './rms-inverse.ts'
import { scale } from './scale.ts'
import { sub } from './sub.ts'

function reference([x, w]: readonly NdArray[], epsilon: number): Float64Array {
  const width = w!.data.length
  const y = new Float64Array(x!.data.length)
  for (let at = 0; at < y.length; at += width) {
    let sum = 0
    for (let i = 0; i < width; i++) sum += x!.data[at + i]! ** 2
    const r = 1 / Math.sqrt(sum / width + epsilon)
    for (let i = 0; i < width; i++) y[at + i] = x!.data[at + i]! * r * w!.data[i]!
  }
  return y
}

/** y = x / sqrt(mean(x²) + epsilon) ∘ w over the last axis (Zhang and Sennrich, 2019). The weight is frozen: no gradient flows into it. */
export const rmsNormOp: OpDef = {
  name: 'rmsNorm',
  infer: sameAsFirst,
  reference: (inputs, { epsilon }) => reference(inputs, Number(epsilon)),
  emit: (o, inputs, { attributes }) =>
    o.node('SimplifiedLayerNormalization', inputs, { axis: { i: -1 }, epsilon: { f: Number(attributes.epsilon) } }),
  // With g = dy ∘ w and r = 1/rms: dx = r·g − x · r³ · mean(g ∘ x).
  grad: (dy, { inputs: [x, w], attributes }) => {
    const r = rmsInverse(x!, Number(attributes.epsilon))
    const g = mul(dy, w!)
    const width = w!.shape[0]!
    const mean = scale(reduceSum(mul(g, x!), [x!.shape.length - 1]), 1 / width)
    const cubed = mul(mul(r, r), mul(r, mean))
    return [sub(mul(g, r), mul(x!, cubed)), null]
  },
  samples: [
    { inputs: [f32(3, 8), f32In([0.5, 1.5], 8)], attributes: { epsilon: 1e-5 } },
    { inputs: [f32(2, 2, 4), f32In([-1, 1], 4)], attributes: { epsilon: 1e-6 } },
  ],
}

export const rmsNorm = (x: Node, weight: Node, epsilon: number): Node => makeNode(rmsNormOp, [x, weight], { epsilon })
