import { invariant } from '../kit/error.ts'
import { type Node, sizeOf, topologicalOrder } from './node.ts'
import type { NdArray } from './op.ts'
import { inputOp } from './ops/input.ts'

/** Evaluates nodes in float64 with every op's reference; `feeds` holds the inputs by name. Slow and plain: for tests and proofs. */
export function interpret(outputs: readonly Node[], feeds: Readonly<Record<string, ArrayLike<number>>>): NdArray[] {
  const values = new Map<Node, NdArray>()
  for (const node of topologicalOrder(outputs)) {
    const { shape } = node
    if (node.op === inputOp) {
      const data = feeds[String(node.attributes.name)]
      invariant(
        data !== undefined && data.length === sizeOf(shape),
        `feed ${node.attributes.name} is missing or has another size`,
      )
      values.set(node, { shape, data: Float64Array.from(data) })
    } else {
      const inputs = node.inputs.map((x) => values.get(x)!)
      values.set(node, { shape, data: node.op.reference(inputs, node.attributes, node) })
    }
  }
  return outputs.map((node) => values.get(node)!)
}
