import { type Tensor, tensorOf } from './session.ts'

/** The shape of a micro-batch as the graphs know it: prefix P, bins NB of S tokens, N predictions. */
interface BatchShape {
  readonly prefix: number
  readonly bins: number
  readonly binLength: number
  readonly predictions: number
}

interface BatchValues {
  readonly positions: BigInt64Array
  readonly binMask: Float32Array
  readonly prefixMask: Float32Array
  readonly rows: BigInt64Array
  readonly targets: BigInt64Array
  readonly weights: Float32Array
}

/** Feeds that every session of a micro-batch shares. */
export function batchTensors(
  { prefix: P, bins: NB, binLength: S, predictions: N }: BatchShape,
  batch: BatchValues,
): Record<string, Tensor> {
  return {
    positions: tensorOf(batch.positions, [P + NB * S]),
    bin_mask: tensorOf(batch.binMask, [1, NB, 1, S, S]),
    prefix_mask: tensorOf(batch.prefixMask, [1, 1, P, P]),
    rows: tensorOf(batch.rows, [N]),
    targets: tensorOf(batch.targets, [N]),
    row_weights: tensorOf(batch.weights, [N, 1]),
  }
}
