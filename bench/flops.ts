import { type LoraSpec, linearModules, linearShape, type ModelConfig } from '../core/models/index.ts'

/** The work of one training step on rows of equal length without a shared prefix. */
export interface StepWork {
  /** Rows of the step. */
  readonly batch: number
  /** Tokens of a row. */
  readonly seq: number
  /** Predicted tokens of the whole step. */
  readonly predicted: number
}

/** Modules whose output the last layer needs only where a token is predicted. */
const AFTER_ATTENTION = /o_proj|mlp/

/**
 * Floating-point operations that one step needs, forward and backward: a frozen weight 2 a token forward and 2 backward
 * (input gradient only), an adapter weight 2 and 4, attention 4·B·heads·S²·D a layer forward (no discount for the
 * causal half) and twice that backward, the head 2·H·V a predicted token each way. What a plan computes again to save
 * memory is not counted: it is a cost, not work done.
 */
export function stepFlops(config: ModelConfig, lora: LoraSpec, { batch, seq, predicted }: StepWork): number {
  const T = batch * seq
  const { layers, heads, headDim, hidden, vocab } = config
  let flops = 12 * batch * heads * seq * seq * headDim * layers + 4 * predicted * hidden * vocab
  for (const module of linearModules) {
    const [out, into] = linearShape(config, module)
    const adapter = lora.modules.includes(module) ? 6 * lora.rank * (into + out) : 0
    const rows = T * (layers - 1) + (AFTER_ATTENTION.test(module) ? predicted : T)
    flops += rows * (4 * out * into + adapter)
  }
  return flops
}
