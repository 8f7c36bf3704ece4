import { ProtoWriter } from './protobuf.ts'

/** ONNX TensorProto element types used here (onnx.proto). */
export const onnxType = { f32: 1, u8: 2, i64: 7 } as const
export type OnnxElement = keyof typeof onnxType

export type OnnxAttribute = { i: number } | { f: number } | { s: string } | { ints: readonly number[] }

export interface OnnxNode {
  readonly type: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export interface OnnxValue {
  readonly name: string
  readonly element: OnnxElement
  readonly shape: readonly number[]
}

/** A small constant held inside the model. */
export interface OnnxConstant extends OnnxValue {
  readonly data: Uint8Array
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxConstant[]
}

function writeAttribute(w: ProtoWriter, name: string, value: OnnxAttribute): void {
  w.text(1, name)
  if ('i' in value) w.int(3, value.i).int(20, 2)
  else if ('f' in value) w.float(2, value.f).int(20, 1)
  else if ('s' in value) w.text(4, value.s).int(20, 3)
  else {
    for (const i of value.ints) w.int(8, i)
    w.int(20, 7)
  }
}

function writeNode(w: ProtoWriter, node: OnnxNode): void {
  for (const name of node.inputs) w.text(1, name)
  w.text(2, node.output).text(3, node.output).text(4, node.type)
  for (const [name, value] of Object.entries(node.attributes)) w.message(5, (a) => writeAttribute(a, name, value))
  if (node.domain !== '') w.text(7, node.domain)
}

function writeValue(w: ProtoWriter, { name, element, shape }: OnnxValue): void {
  w.text(1, name).message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, onnxType[element])
      tensor.message(2, (dims) => {
        for (const d of shape) dims.message(1, (dim) => dim.int(1, d))
      })
    }),
  )
}

function writeConstant(w: ProtoWriter, { name, element, shape, data }: OnnxConstant): void {
  for (const d of shape) w.int(1, d)
  w.int(2, onnxType[element]).text(8, name).bytes(9, data)
}

/** Serialises a model: IR version 9, ONNX opset 20 plus ONNX Runtime's contrib domain version 1. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const w = new ProtoWriter().int(1, 9).text(2, 'airlock')
  w.message(7, (graph) => {
    for (const node of model.nodes) graph.message(1, (n) => writeNode(n, node))
    graph.text(2, 'graph')
    for (const constant of model.constants) graph.message(5, (t) => writeConstant(t, constant))
    for (const value of model.inputs) graph.message(11, (v) => writeValue(v, value))
    for (const value of model.outputs) graph.message(12, (v) => writeValue(v, value))
  })
  w.message(8, (o) => o.text(1, '').int(2, 20))
  w.message(8, (o) => o.text(1, 'com.microsoft').int(2, 1))
  return w.finish()
}
