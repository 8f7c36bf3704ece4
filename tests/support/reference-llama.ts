import { type LinearModule, linearShape, type StaticSources } from '../../core/models/index.ts'

/**
 * A Llama forward pass in float64, written straight from the published equations: one sequence, no cache, no graph.
 * The engine's packed, prefix-shared and cached computations are held against it.
 */

export interface ReferenceOptions {
  /** Dropout mask of a module's input, [tokens, in] of 0 or 1, or null. */
  readonly keep?: (layer: number, module: LinearModule) => ArrayLike<number> | null
  /** Adapter values in place of those of the sources (float64 allowed). */
  readonly values?: ArrayLike<number>
}

type Rows = Float64Array[]

/** Logits [V] at every position. */
export function referenceLogits(sources: StaticSources, ids: ArrayLike<number>, options: ReferenceOptions = {}): Rows {
  const { config, weights } = sources
  const { hidden: H, heads, kvHeads, headDim: D } = config
  const embedding = weights.get('model.embed_tokens.weight')
  let x: Rows = Array.from(ids, (id) => Float64Array.from(embedding.subarray(id * H, (id + 1) * H)))
  for (let layer = 0; layer < config.layers; layer++) {
    const apply = (module: LinearModule, rows: Rows): Rows => linear(sources, layer, module, rows, options)
    const a = x.map((row) =>
      rmsNorm(row, weights.get(`model.layers.${layer}.input_layernorm.weight`), config.rmsEpsilon),
    )
    const q = apply('self_attn.q_proj', a).map((row, t) => rotate(row, t, heads, sources))
    const k = apply('self_attn.k_proj', a).map((row, t) => rotate(row, t, kvHeads, sources))
    const v = apply('self_attn.v_proj', a)
    const mixed = q.map((query, t) => {
      const out = new Float64Array(heads * D)
      for (let h = 0; h < heads; h++) {
        const g = Math.floor(h / (heads / kvHeads))
        const scores = Array.from({ length: t + 1 }, (_, s) => {
          let dot = 0
          for (let i = 0; i < D; i++) dot += query[h * D + i]! * k[s]![g * D + i]!
          return dot / Math.sqrt(D)
        })
        softmax(scores).forEach((p, s) => {
          for (let i = 0; i < D; i++) out[h * D + i]! += p * v[s]![g * D + i]!
        })
      }
      return out
    })
    x = plus(x, apply('self_attn.o_proj', mixed))
    const b = x.map((row) =>
      rmsNorm(row, weights.get(`model.layers.${layer}.post_attention_layernorm.weight`), config.rmsEpsilon),
    )
    const gate = apply('mlp.gate_proj', b)
    const up = apply('mlp.up_proj', b)
    const gated = gate.map((row, t) => row.map((z, i) => (z / (1 + Math.exp(-z))) * up[t]![i]!))
    x = plus(x, apply('mlp.down_proj', gated))
  }
  const head = weights.get('lm_head.weight')
  return x.map((row) => matVec(head, config.vocab, rmsNorm(row, weights.get('model.norm.weight'), config.rmsEpsilon)))
}

/** log p(ids[t] | ids[<t]) for t from 1; index 0 is NaN. */
export function referenceLogProbs(
  sources: StaticSources,
  ids: ArrayLike<number>,
  options: ReferenceOptions = {},
): number[] {
  const logits = referenceLogits(sources, ids, options)
  return Array.from(ids, (id, t) => (t === 0 ? Number.NaN : logSoftmax(logits[t - 1]!, id)))
}

export function logSoftmax(logits: ArrayLike<number>, at: number): number {
  const all = Array.from(logits)
  const top = Math.max(...all)
  return logits[at]! - top - Math.log(all.reduce((sum, z) => sum + Math.exp(z - top), 0))
}

function linear(
  sources: StaticSources,
  layer: number,
  module: LinearModule,
  rows: Rows,
  options: ReferenceOptions,
): Rows {
  const { config, weights, adapter } = sources
  const [out, into] = linearShape(config, module)
  const W = weights.get(`model.layers.${layer}.${module}.weight`)
  const y = rows.map((row) => matVec(W, out, row))
  const [A, B] = adapter?.layout.tensors.filter((t) => t.layer === layer && t.module === module) ?? []
  if (adapter === null || A === undefined || B === undefined) return y
  const { rank, alpha, dropout } = adapter.layout.spec
  const values = options.values ?? adapter.values
  const keep = options.keep?.(layer, module) ?? null
  return y.map((row, t) => {
    const kept = rows[t]!.map((z, i) => (keep === null ? z : (keep[t * into + i]! * z) / (1 - dropout)))
    const low = matVec(values, rank, kept, A.offset)
    const high = matVec(values, out, low, B.offset)
    return row.map((z, i) => z + (alpha / rank) * high[i]!)
  })
}

function matVec(matrix: ArrayLike<number>, rows: number, x: Float64Array, offset = 0): Float64Array {
  const out = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    let sum = 0
    const at = offset + r * x.length
    for (let i = 0; i < x.length; i++) sum += matrix[at + i]! * x[i]!
    out[r] = sum
  }
  return out
}

function rmsNorm(x: Float64Array, weight: Float32Array, epsilon: number): Float64Array {
  const r = 1 / Math.sqrt(x.reduce((sum, z) => sum + z * z, 0) / x.length + epsilon)
  return x.map((z, i) => z * r * weight[i]!)
}

/** Rotary embedding in the halves convention of the Hugging Face implementation. */
function rotate(row: Float64Array, position: number, heads: number, { config }: StaticSources): Float64Array {
  const D = config.headDim
  const out = new Float64Array(row.length)
  for (let h = 0; h < heads; h++) {
    for (let j = 0; j < D / 2; j++) {
      const angle = position / config.ropeTheta ** ((2 * j) / D)
      const [a, b] = [row[h * D + j]!, row[h * D + j + D / 2]!]
      out[h * D + j] = a * Math.cos(angle) - b * Math.sin(angle)
      out[h * D + j + D / 2] = b * Math.cos(angle) + a * Math.sin(angle)
    }
  }
  return out
}

function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores)
  const exp = scores.map((s) => Math.exp(s - top))
  const sum = exp.reduce((a, b) => a + b, 0)
  return exp.map((e) => e / sum)
}

function plus(a: Rows, b: Rows): Rows {
  return a.map((row, t) => row.map((z, i) => z + b[t]![i]!))
}
