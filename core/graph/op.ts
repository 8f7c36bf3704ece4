import type { Attributes, DType, Node, Shape } from './node.ts'

/** Shape and element type of a value. */
export interface Spec {
  readonly shape: Shape
  readonly dtype: DType
}

/** A dense value of the float64 interpreter, row-major; integers are held as whole doubles. */
export interface NdArray {
  readonly shape: Shape
  readonly data: Float64Array
}

/** What an op's lowering may use: one call adds one ONNX node and returns the name of its output. */
export interface OnnxWriter {
  node(type: string, inputs: readonly string[], attributes?: OnnxAttributes, domain?: string): string
  /** A float32 scalar (shape []) or vector constant. */
  floats(values: readonly number[], shape?: Shape): string
  /** An int64 vector constant. */
  ints(values: readonly number[]): string
}

export type OnnxAttributes = Readonly<
  Record<string, { i: number } | { f: number } | { s: string } | { ints: readonly number[] }>
>

/** Contrib operators of ONNX Runtime live in this domain. */
export const contribDomain = 'com.microsoft'

/** Input values of one test sample of an op. `range` bounds the random values; `values` fixes them. */
export interface SampleInput extends Spec {
  readonly range?: readonly [number, number]
  readonly values?: readonly number[]
}

export interface Sample {
  readonly inputs: readonly SampleInput[]
  readonly attributes?: Attributes
}

/**
 * One operation: shape rule, float64 reference, lowering to ONNX nodes, gradient and its own samples; the sweep test
 * walks the registry and checks all of them against each other.
 */
export interface OpDef {
  readonly name: string
  infer(inputs: readonly Spec[], attributes: Attributes): Spec
  reference(inputs: readonly NdArray[], attributes: Attributes, out: Spec): Float64Array
  emit(o: OnnxWriter, inputs: readonly string[], node: Node): string
  /** Gradients for each input given dy (same shape as the node); null where none flows (integers, masks). Shapes may still be broadcast: autodiff sums them back. */
  grad?(dy: Node, node: Node): readonly (Node | null)[]
  readonly samples: readonly Sample[]
}

/** Sample inputs: float32 values in [-2, 2] unless told. */
export function f32(...shape: number[]): SampleInput {
  return { shape, dtype: 'f32' }
}

/** Sample input of float32 values within bounds. */
export function f32In(range: readonly [number, number], ...shape: number[]): SampleInput {
  return { shape, dtype: 'f32', range }
}

/** Sample input of fixed int64 values. */
export function i64(shape: Shape, values: readonly number[]): SampleInput {
  return { shape, dtype: 'i64', values }
}
