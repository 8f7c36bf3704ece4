import {
  adapterLayout,
  type Layout,
  type LoraSpec,
  linearShape,
  type ModelConfig,
  parameterCount,
  tokenRows,
} from '../models/index.ts'

/** What a training step needs, in bytes. Calibrated on a 135 M model (measured 2.38 GB at 932 token rows, estimated 2.4 GB). */
export interface MemoryEstimate {
  readonly weights: number
  readonly adapter: number
  readonly activations: number
  readonly head: number
  readonly process: number
  readonly total: number
}

/** Memory of the runtime itself: JavaScript engine, ONNX Runtime, session graphs, fragmentation. */
const processBytes = 280e6

/** Floats kept per token row and layer between forward and backward: norms, q/k/v and their transposes, probabilities, MLP. */
function keptFloats(config: ModelConfig, layout: Layout, lora: LoraSpec): number {
  const { hidden: H, heads, kvHeads, headDim: D, ffn } = config
  const attention = 4 * heads * D + 4 * kvHeads * D + heads * (layout.prefix + layout.binLength)
  const adapters = lora.modules.length * lora.rank
  // Dropout keeps a masked copy and a byte mask of every adapted input.
  const masks = lora.dropout > 0 ? lora.modules.reduce((sum, m) => sum + 1.25 * linearShape(config, m)[1], 0) : 0
  return 4 * H + attention + 4 * ffn + adapters + masks
}

export function estimateMemory(config: ModelConfig, layout: Layout, lora: LoraSpec, topLayers: number): MemoryEstimate {
  const T = tokenRows(layout)
  const lower = config.layers - topLayers
  const perLayer = 4 * T * keptFloats(config, layout, lora) * 1.06
  // Lower layers keep their input only; two single-layer sessions with their own arenas do the work.
  const activations = perLayer * topLayers + lower * T * config.hidden * 4 + (lower > 0 ? 2.5 * perLayer : 0)
  const weights = parameterCount(config) * 4
  const adapter = adapterLayout(config, lora).size * 4 * 5
  const head = Math.min(layout.predictions, 128) * config.vocab * 4 * 2
  return {
    weights,
    adapter,
    activations,
    head,
    process: processBytes,
    total: weights + adapter + activations + head + processBytes,
  }
}
