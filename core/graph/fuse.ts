import { makeNode, type Node, topologicalOrder } from './node.ts'
import { addOp } from './ops/add.ts'
import { gemm } from './ops/gemm.ts'
import { matmulOp } from './ops/matmul.ts'

/** Does this node's value serve exactly one user and can its product absorb an addend? */
function absorbs(node: Node, uses: ReadonlyMap<Node, number>): boolean {
  return node.op === matmulOp && node.shape.length === 2 && uses.get(node) === 1
}

/**
 * Turns add(matmul(a, b), c) into gemm(a, b, c) for matrices, so that sums of products accumulate inside BLAS instead
 * of in extra passes over memory. Pure rewrite: returns new roots in the same order.
 */
export function fuseAddIntoGemm(roots: readonly Node[]): Node[] {
  const order = topologicalOrder(roots)
  const uses = new Map<Node, number>(roots.map((r) => [r, 1]))
  for (const node of order) for (const x of node.inputs) uses.set(x, (uses.get(x) ?? 0) + 1)

  const replaced = new Map<Node, Node>()
  const now = (node: Node): Node => replaced.get(node)!
  for (const node of order) {
    const inputs = node.inputs.map(now)
    let result = inputs.every((x, i) => x === node.inputs[i]) ? node : makeNode(node.op, inputs, node.attributes)
    if (node.op === addOp && node.shape.length === 2) {
      // Prefer the right operand: gradients of one input are accumulated left to right, so chains form.
      const product = [1, 0].find(
        (i) => absorbs(node.inputs[i]!, uses) && String(node.inputs[i]!.shape) === String(node.shape),
      )
      if (product !== undefined) {
        const { inputs: factors, attributes } = now(node.inputs[product]!)
        const options = {
          transA: Boolean(attributes.transA),
          transB: Boolean(attributes.transB),
          alpha: Number(attributes.alpha),
        }
        result = gemm(factors[0]!, factors[1]!, now(node.inputs[1 - product]!), options)
      }
    }
    replaced.set(node, result)
  }
  return roots.map(now)
}
