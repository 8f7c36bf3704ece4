/** How rotary frequencies are changed for long contexts. */
export type RopeScaling =
  | { readonly kind: 'none' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalMaxPositions: number
    }
  /** Divisors of the inverse frequencies, one for each of headDim/2, as GGUF stores them (`rope_freqs.weight`). */
  | { readonly kind: 'divisors'; readonly divisors: readonly number[] }

/** Everything the graph builders need to know about a decoder-only transformer. */
export interface ModelConfig {
  readonly family: string
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly ffn: number
  readonly vocab: number
  readonly rmsEpsilon: number
  readonly ropeTheta: number
  readonly ropeScaling: RopeScaling
  /** lm_head shares the embedding matrix. */
  readonly tied: boolean
  /** q, k and v projections have biases. */
  readonly qkvBias: boolean
  readonly maxPositions: number
}

/** The linear layers an adapter may attach to, in the order used everywhere. */
export const linearModules = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
] as const
export type LinearModule = (typeof linearModules)[number]

/** [out, in] of one linear layer. */
export function linearShape(config: ModelConfig, module: LinearModule): readonly [number, number] {
  const { hidden, heads, kvHeads, headDim, ffn } = config
  switch (module) {
    case 'self_attn.q_proj':
      return [heads * headDim, hidden]
    case 'self_attn.k_proj':
    case 'self_attn.v_proj':
      return [kvHeads * headDim, hidden]
    case 'self_attn.o_proj':
      return [hidden, heads * headDim]
    case 'mlp.gate_proj':
    case 'mlp.up_proj':
      return [ffn, hidden]
    case 'mlp.down_proj':
      return [hidden, ffn]
  }
}

/** Every tensor the model needs, with its shape, by its Hugging Face name. */
export function requiredTensors(config: ModelConfig): Map<string, readonly number[]> {
  const needed = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [config.vocab, config.hidden]],
    ['model.norm.weight', [config.hidden]],
  ])
  if (!config.tied) needed.set('lm_head.weight', [config.vocab, config.hidden])
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`
    needed.set(`${prefix}.input_layernorm.weight`, [config.hidden])
    needed.set(`${prefix}.post_attention_layernorm.weight`, [config.hidden])
    for (const module of linearModules) {
      const shape = linearShape(config, module)
      needed.set(`${prefix}.${module}.weight`, shape)
      if (hasBias(config, module)) needed.set(`${prefix}.${module}.bias`, [shape[0]])
    }
  }
  return needed
}

export function hasBias(config: ModelConfig, module: LinearModule): boolean {
  return config.qkvBias && ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'].includes(module)
}

/** Number of base parameters (a tied lm_head counted once). */
export function parameterCount(config: ModelConfig): number {
  let sum = 0
  for (const shape of requiredTensors(config).values()) sum += shape.reduce((n, d) => n * d, 1)
  return sum
}
