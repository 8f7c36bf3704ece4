import type { OpDef } from '../op.ts'
import { addOp } from './add.ts'
import { concatOp } from './concat.ts'
import { crossEntropyOp } from './cross-entropy.ts'
import { crossEntropyGradOp } from './cross-entropy-grad.ts'

import { expOp } from './exp.ts'
import { expandOp } from './expand.ts'
import { gatherRowsOp } from './gather-rows.ts'
import { gemmOp } from './gemm.ts'
import { keepOp } from './keep.ts'
import { matmulOp } from './matmul.ts'
import { mulOp } from './mul.ts'
import { padAxisOp } from './pad-axis.ts'
import { reduceSumOp } from './reduce-sum.ts'
import { reshapeOp } from './reshape.ts'
import { rmsInverseOp } from './rms-inverse.ts'
import { rmsNormOp } from './rms-norm.ts'
import { ropeOp } from './rope.ts'
import { scaleOp } from './scale.ts'
import { scatterRowsOp } from './scatter-rows.ts'
import { sigmoidOp } from './sigmoid.ts'
import { siluOp } from './silu.ts'
import { sliceOp } from './slice.ts'
import { softmaxOp } from './softmax.ts'
import { subOp } from './sub.ts'
import { transposeOp } from './transpose.ts'

export { add } from './add.ts'
export { concat } from './concat.ts'
export { crossEntropy } from './cross-entropy.ts'

export { gatherRows } from './gather-rows.ts'
export { gemm } from './gemm.ts'
export { input, inputOp } from './input.ts'
export { keepWhere } from './keep.ts'
export { matmul } from './matmul.ts'
export { mul } from './mul.ts'
export { reduceSum } from './reduce-sum.ts'
export { reshape } from './reshape.ts'
export { rmsNorm } from './rms-norm.ts'
export { rope } from './rope.ts'
export { scale } from './scale.ts'
export { silu } from './silu.ts'
export { slice } from './slice.ts'
export { softmax } from './softmax.ts'
export { sub } from './sub.ts'
export { transpose } from './transpose.ts'

/** Every op that computes something; the sweep test walks this list. */
export const allOps: readonly OpDef[] = [
  addOp,
  subOp,
  mulOp,
  scaleOp,
  sigmoidOp,
  siluOp,
  expOp,
  keepOp,
  reshapeOp,
  transposeOp,
  sliceOp,
  padAxisOp,
  concatOp,
  expandOp,
  gatherRowsOp,
  scatterRowsOp,
  reduceSumOp,
  softmaxOp,
  matmulOp,
  gemmOp,
  rmsNormOp,
  rmsInverseOp,
  ropeOp,
  crossEntropyOp,
  crossEntropyGradOp,
]
