import { AppError, invariant } from '../kit/index.ts'

/** A row-major matrix: `shape` is [rows, columns]. */
export interface Matrix {
  readonly shape: readonly [number, number]
  readonly data: Float32Array
}

/**
 * Folds a LoRA pair into its weight: W' = W + scale · B·A, with W [out, in], A [r, in], B [out, r] and
 * scale = alpha / r. Sums run in float64 and are rounded to float32 once an element.
 * @throws adapter.shape_mismatch when the shapes do not fit together
 */
export function mergeLora(weight: Matrix, a: Matrix, b: Matrix, scale: number): Float32Array {
  const [out, width] = weight.shape
  const [rank] = a.shape
  if (a.shape[1] !== width || b.shape[0] !== out || b.shape[1] !== rank) {
    throw new AppError('adapter.shape_mismatch', { module: 'merge', weight: weight.shape, a: a.shape, b: b.shape })
  }
  for (const { shape, data } of [weight, a, b]) invariant(data.length === shape[0] * shape[1], 'matrix size')
  const merged = new Float32Array(weight.data.length)
  const sum = new Float64Array(width)
  for (let row = 0; row < out; row++) {
    sum.fill(0)
    for (let k = 0; k < rank; k++) {
      const factor = b.data[row * rank + k]
      const at = k * width
      for (let column = 0; column < width; column++) sum[column] += factor * a.data[at + column]
    }
    const at = row * width
    for (let column = 0; column < width; column++) merged[at + column] = weight.data[at + column] + scale * sum[column]
  }
  return merged
}
