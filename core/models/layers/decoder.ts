import { add, gatherRows, gemm, keepWhere, matmul, mul, type Node, rmsNorm, rope, silu } from '../../graph/index.ts'
import { type LoraSpec, loraScale } from '../adapter.ts'
import { type Layout, tokenRows } from '../batch/layout.ts'
import { hasBias, type LinearModule, linearShape, type ModelConfig } from '../config.ts'
import { attention, type PrefixCache } from './attention.ts'
import type { InputSet } from './inputs.ts'

/** What the builders of one graph share. */
export interface GraphContext {
  readonly config: ModelConfig
  readonly layout: Layout
  readonly inputs: InputSet
  /** Null: base model without adapter. */
  readonly lora: LoraSpec | null
  /** Dropout applies in training graphs only. */
  readonly training: boolean
  /** Keys and values of the prefix are graph inputs of this capacity instead of being computed (decoding). */
  readonly cacheCapacity: number | null
}

/**
 * Rows of the rope tables: one for every position a layout can hold (ONNX Runtime wants at least one a token row).
 * Never the context length that a model's file declares: that one may be a million, or a lie.
 */
export function ropeRows({ layout, cacheCapacity }: Pick<GraphContext, 'layout' | 'cacheCapacity'>): number {
  return tokenRows(layout) + (cacheCapacity ?? 0)
}

/** y = x·Wᵀ (+ bias) (+ LoRA). `layer` is relative to the graph. This is the seam where other precisions plug in. */
export function linear(ctx: GraphContext, layer: number, module: LinearModule, x: Node): Node {
  const { config, inputs, lora } = ctx
  const [out, into] = linearShape(config, module)
  const name = `layers.${layer}.${module}`
  const weight = inputs.get(`${name}.weight`, [out, into])
  const bias = hasBias(config, module) ? inputs.get(`${name}.bias`, [out]) : null
  const y = gemm(x, weight, bias, { transB: true })
  if (lora === null || !lora.modules.includes(module)) return y
  const A = inputs.get(`${name}.lora_A`, [lora.rank, into])
  const B = inputs.get(`${name}.lora_B`, [out, lora.rank])
  const rate = ctx.training ? lora.dropout : 0
  const kept = rate > 0 ? keepWhere(x, inputs.get(`${name}.keep`, x.shape, 'u8')) : x
  // Dropout scales what it keeps by 1/(1 − rate); here that factor rides along in the second product.
  return gemm(matmul(kept, A, { transB: true }), B, y, { transB: true, alpha: loraScale(lora) / (1 - rate) })
}

/** Result of one layer; k and v are rotary-embedded rows [T, Hk·D] for a cache. */
export interface LayerOutput {
  readonly hidden: Node
  readonly k: Node
  readonly v: Node
}

/**
 * One decoder layer on hidden [T, H]. With `only` (indices [N]) the output projection and the MLP run at those rows
 * alone and the result is [N, H]: the last layer needs nothing else.
 */
export function decoderLayer(ctx: GraphContext, layer: number, hidden: Node, only: Node | null = null): LayerOutput {
  const { config, inputs, layout } = ctx
  const norm = (part: string, x: Node): Node =>
    rmsNorm(x, inputs.get(`layers.${layer}.${part}.weight`, [config.hidden]), config.rmsEpsilon)
  const T = hidden.shape[0]!
  const { bins: NB, binLength: S, prefix: P } = layout
  const half = config.headDim / 2
  const rows = ropeRows(ctx)
  const cos = inputs.get('rope.cos', [rows, half])
  const sin = inputs.get('rope.sin', [rows, half])
  const positions = inputs.get('positions', [T], 'i64')

  const x = norm('input_layernorm', hidden)
  const q = rope(linear(ctx, layer, 'self_attn.q_proj', x), cos, sin, positions)
  const k = rope(linear(ctx, layer, 'self_attn.k_proj', x), cos, sin, positions)
  const v = linear(ctx, layer, 'self_attn.v_proj', x)
  const mixed = attention(config, layout, {
    q,
    k,
    v,
    binMask: inputs.get('bin_mask', [1, NB, 1, S, S]),
    prefixMask: P > 0 && ctx.cacheCapacity === null ? inputs.get('prefix_mask', [1, 1, P, P]) : null,
    cache: cacheOf(ctx, layer),
  })
  const pick = (y: Node): Node => (only === null ? y : gatherRows(y, only))
  const attended = add(pick(hidden), linear(ctx, layer, 'self_attn.o_proj', pick(mixed)))
  const y = norm('post_attention_layernorm', attended)
  const gated = mul(silu(linear(ctx, layer, 'mlp.gate_proj', y)), linear(ctx, layer, 'mlp.up_proj', y))
  return { hidden: add(attended, linear(ctx, layer, 'mlp.down_proj', gated)), k, v }
}

function cacheOf({ config, inputs, cacheCapacity }: GraphContext, layer: number): PrefixCache | null {
  if (cacheCapacity === null) return null
  const shape = [config.kvHeads, cacheCapacity, config.headDim]
  return {
    k: inputs.get(`cache.${layer}.k`, shape),
    v: inputs.get(`cache.${layer}.v`, shape),
    mask: inputs.get('cache.mask', [cacheCapacity]),
  }
}
