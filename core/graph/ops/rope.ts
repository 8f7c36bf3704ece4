import { makeNode, type Node } from '../node.ts'
import { contribDomain, f32, f32In, i64, type OpDef } from '../op.ts'
import { sameAsFirst } from './elementwise.ts'
import { scale } from './scale.ts'

/**
 * Rotary position embedding (Su et al., 2021), rotate-half form: x [T, heads·D] seen as heads of width D; with halves
 * x₁, x₂ and the angle of (position, j): y₁ = x₁·cos − x₂·sin, y₂ = x₂·cos + x₁·sin.
 * cos, sin [rows, D/2] are tables by position, `positions` [T] picks the row of every token. ONNX Runtime needs
 * rows ≥ T whatever the positions say.
 */
export const ropeOp: OpDef = {
  name: 'rope',
  infer: sameAsFirst,
  reference: ([x, cos, sin, positions]) => {
    const half = cos!.shape[1]!
    const [T, width] = x!.shape as [number, number]
    const y = new Float64Array(x!.data.length)
    for (let t = 0; t < T; t++) {
      const row = positions!.data[t]! * half
      for (let head = t * width; head < (t + 1) * width; head += 2 * half) {
        for (let j = 0; j < half; j++) {
          const [c, s] = [cos!.data[row + j]!, sin!.data[row + j]!]
          const [a, b] = [x!.data[head + j]!, x!.data[head + half + j]!]
          y[head + j] = a * c - b * s
          y[head + half + j] = b * c + a * s
        }
      }
    }
    return y
  },
  emit: (o, [x, cos, sin, positions], node) => {
    const [T, width] = node.shape as [number, number]
    const batched = o.node('Reshape', [x!, o.ints([1, T, width])])
    const at = o.node('Reshape', [positions!, o.ints([1, T])])
    const turned = o.node('RotaryEmbedding', [batched, at, cos!, sin!], { interleaved: { i: 0 } }, contribDomain)
    return o.node('Reshape', [turned, o.ints([T, width])])
  },
  // A rotation's transpose turns backwards: the same op with −sin.
  grad: (dy, { inputs: [, cos, sin, positions] }) => [rope(dy, cos!, scale(sin!, -1), positions!), null, null, null],
  samples: [
    { inputs: [f32(3, 8), f32In([-1, 1], 6, 2), f32In([-1, 1], 6, 2), i64([3], [5, 0, 2])] },
    { inputs: [f32(2, 16), f32In([-1, 1], 4, 8), f32In([-1, 1], 4, 8), i64([2], [1, 3])] },
  ],
}

export const rope = (x: Node, cos: Node, sin: Node, positions: Node): Node => makeNode(ropeOp, [x, cos, sin, positions])
