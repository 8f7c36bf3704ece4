import { type DType, input, type Node, type Shape } from '../../graph/index.ts'

/**
 * Graph inputs made on demand, one node a name. Weights of layer i are called `layers.<i>.…` relative to the first
 * layer of the graph, so one session serves every layer (or block of layers) of the same shape.
 */
export class InputSet {
  #nodes = new Map<string, Node>()

  get(name: string, shape: Shape, dtype: DType = 'f32'): Node {
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const node = input(name, shape, dtype)
    this.#nodes.set(name, node)
    return node
  }

  /** Inputs whose name matches, in the order they were made. */
  matching(pattern: RegExp): [string, Node][] {
    return [...this.#nodes].filter(([name]) => pattern.test(name))
  }
}
