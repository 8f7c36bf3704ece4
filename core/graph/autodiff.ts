import { invariant } from '../kit/error.ts'
import { type Node, topologicalOrder } from './node.ts'
import { add } from './ops/add.ts'
import { sumTo } from './ops/reduce-sum.ts'
import { reshape } from './ops/reshape.ts'

/** One output and the gradient of the final quantity with respect to it (same shape). */
export interface Seed {
  readonly output: Node
  readonly gradient: Node
}

/**
 * Reverse-mode differentiation: for every node of `wrt` the node of its gradient, given gradients at some outputs
 * (a vector–Jacobian product). Visits only what lies between the outputs and `wrt`, so nothing is computed below the
 * lowest adapted layer. A node of `wrt` that no output depends on is a defect.
 */
export function gradients(seeds: readonly Seed[], wrt: readonly Node[]): Node[] {
  const order = topologicalOrder(seeds.map((s) => s.output))
  const needed = new Set<Node>(wrt)
  for (const node of order) if (node.inputs.some((x) => needed.has(x))) needed.add(node)

  const adjoint = new Map<Node, Node>()
  const accumulate = (node: Node, gradient: Node): void => {
    const fitted = sumTo(gradient, node.shape, reshape)
    const before = adjoint.get(node)
    adjoint.set(node, before === undefined ? fitted : add(before, fitted))
  }
  for (const { output, gradient } of seeds) accumulate(output, gradient)

  for (const node of order.toReversed()) {
    const dy = adjoint.get(node)
    if (dy === undefined || !needed.has(node) || !node.inputs.some((x) => needed.has(x))) continue
    invariant(node.op.grad !== undefined, `op ${node.op.name} has no gradient`)
    node.op.grad(dy, node).forEach((dx, i) => {
      const x = node.inputs[i]!
      if (dx !== null && needed.has(x)) accumulate(x, dx)
    })
  }
  return wrt.map((node) => {
    const gradient = adjoint.get(node)
    invariant(gradient !== undefined, 'no output depends on one of the nodes to differentiate by')
    return gradient
  })
}
