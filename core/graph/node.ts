import { invariant } from '../kit/error.ts'
import type { OpDef } from './op.ts'

/** Element types a graph value can have; names follow safetensors, lower case. */
export type DType = 'f32' | 'i64' | 'u8'

/** A static shape; every dimension is known when the graph is built. */
export type Shape = readonly number[]

/** Static attributes of one operation. Plain data, so that equal nodes have equal text. */
export type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>

/** One value of the graph: frozen, single output, with everything needed to differentiate, interpret and emit it. */
export interface Node {
  readonly op: OpDef
  readonly inputs: readonly Node[]
  readonly attributes: Attributes
  readonly shape: Shape
  readonly dtype: DType
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1)
}

/** Makes a node and checks its inputs with the op's shape rule. */
export function makeNode(op: OpDef, inputs: readonly Node[], attributes: Attributes = {}): Node {
  const { shape, dtype } = op.infer(inputs, attributes)
  for (const d of shape) invariant(Number.isInteger(d) && d >= 0, `${op.name}: bad shape [${shape}]`)
  return Object.freeze({
    op,
    inputs: Object.freeze([...inputs]),
    attributes: Object.freeze({ ...attributes }),
    shape,
    dtype,
  })
}

/** Nodes reachable from `roots`, inputs before users (iterative: graphs of many layers are deep). */
export function topologicalOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = []
  const done = new Set<Node>()
  const stack: { node: Node; next: number }[] = []
  for (const root of roots) {
    if (done.has(root)) continue
    stack.push({ node: root, next: 0 })
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const input = top.node.inputs[top.next++]
      if (input === undefined) {
        stack.pop()
        if (!done.has(top.node)) {
          done.add(top.node)
          order.push(top.node)
        }
      } else if (!done.has(input)) {
        stack.push({ node: input, next: 0 })
      }
    }
  }
  return order
}
