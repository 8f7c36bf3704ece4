import type { Node } from '../node.ts'
import type { NdArray, OpDef, Sample, Spec } from '../op.ts'
import { broadcastOffsets, broadcastShapes } from '../shape.ts'

/** What differs between two-operand elementwise ops; broadcasting, reference loop and emission are shared. */
export interface BinaryRule {
  readonly name: string
  readonly onnx: string
  readonly apply: (a: number, b: number) => number
  readonly grad: (dy: Node, a: Node, b: Node) => readonly [Node, Node]
  readonly samples: readonly Sample[]
}

/** A broadcasting elementwise op of two float32 operands. */
export function binaryOp(rule: BinaryRule): OpDef {
  return {
    name: rule.name,
    infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: 'f32' }),
    reference: ([a, b], _attributes, out) => {
      const ia = broadcastOffsets(a!.shape, out.shape)
      const ib = broadcastOffsets(b!.shape, out.shape)
      return Float64Array.from(ia, (at, n) => rule.apply(a!.data[at]!, b!.data[ib[n]!]!))
    },
    emit: (o, inputs) => o.node(rule.onnx, inputs),
    grad: (dy, node) => rule.grad(dy, node.inputs[0]!, node.inputs[1]!),
    samples: rule.samples,
  }
}

/** Shape rule of ops whose output looks like their first input. */
export function sameAsFirst([x]: readonly Spec[]): Spec {
  return { shape: x!.shape, dtype: x!.dtype }
}

/** float64 reference of a one-operand elementwise op. */
export function mapValues(f: (x: number) => number): ([x]: readonly NdArray[]) => Float64Array {
  return ([x]) => x!.data.map(f)
}
