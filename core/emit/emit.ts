import { encodeOnnx, type OnnxConstant, type OnnxNode, type OnnxValue } from '../formats/onnx/index.ts'
import {
  fuseAddIntoGemm,
  inputOp,
  type Node,
  type OnnxAttributes,
  type OnnxWriter,
  type Shape,
  topologicalOrder,
} from '../graph/index.ts'

/** A lowered graph: the ONNX bytes and what must be fed and comes back, by name. */
export interface EmittedGraph {
  readonly bytes: Uint8Array
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** Collects ONNX nodes; structurally equal nodes and constants exist once (this is common-subexpression elimination). */
class Writer implements OnnxWriter {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxConstant[] = []
  #known = new Map<string, string>()

  node(type: string, inputs: readonly string[], attributes: OnnxAttributes = {}, domain = ''): string {
    const key = JSON.stringify([type, inputs, attributes, domain])
    return this.#once(key, () => {
      const output = `v${this.nodes.length}`
      this.nodes.push({ type, domain, inputs, output, attributes })
      return output
    })
  }

  floats(values: readonly number[], shape: Shape = [values.length]): string {
    return this.#constant('f32', new Uint8Array(Float32Array.from(values).buffer), shape)
  }

  ints(values: readonly number[]): string {
    return this.#constant('i64', new Uint8Array(BigInt64Array.from(values, BigInt).buffer), [values.length])
  }

  #constant(element: 'f32' | 'i64', data: Uint8Array, shape: Shape): string {
    return this.#once(JSON.stringify([element, [...data], shape]), () => {
      const name = `c${this.constants.length}`
      this.constants.push({ name, element, shape, data })
      return name
    })
  }

  #once(key: string, make: () => string): string {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = make()
    this.#known.set(key, name)
    return name
  }
}

/** Lowers named output nodes to one ONNX model. Outputs that coincide with an input or another output get an Identity. */
export function emitGraph(outputs: Readonly<Record<string, Node>>): EmittedGraph {
  const names = Object.keys(outputs)
  const roots = fuseAddIntoGemm(Object.values(outputs))
  const writer = new Writer()
  const inputs = new Map<string, OnnxValue>()
  const value = new Map<Node, string>()
  for (const node of topologicalOrder(roots)) {
    const name = node.op.emit(
      writer,
      node.inputs.map((x) => value.get(x)!),
      node,
    )
    value.set(node, name)
    if (node.op === inputOp) inputs.set(name, { name, element: node.dtype, shape: node.shape })
  }
  const nodes = roots.map((root, i): OnnxNode => {
    const from = value.get(root)!
    return { type: 'Identity', domain: '', inputs: [from], output: `out.${names[i]}`, attributes: {} }
  })
  const results = roots.map(
    (root, i): OnnxValue => ({ name: `out.${names[i]}`, element: root.dtype, shape: root.shape }),
  )
  const model = {
    nodes: [...writer.nodes, ...nodes],
    inputs: [...inputs.values()],
    outputs: results,
    constants: writer.constants,
  }
  return { bytes: encodeOnnx(model), inputs: model.inputs, outputs: model.outputs }
}
