import { AppError } from '../kit/error.ts'
import type { LinearModule, ModelConfig, RopeScaling } from './config.ts'
import { decoderConfig } from './families/family.ts'
import { fieldsOf } from './families/fields.ts'
import { type Family, familyOfGguf } from './families/index.ts'

type Metadata = ReadonlyMap<string, unknown>

/** What a GGUF file tells besides its metadata. */
export interface GgufFacts {
  readonly metadata: Metadata
  readonly tensorNames: readonly string[]
  /** Values of `rope_freqs.weight`, when the file has it. */
  readonly ropeDivisors: readonly number[] | null
  /** Rows of `token_embd.weight`. */
  readonly vocab: number
}

/** GGUF names of the linear layers (llama.cpp's tensor naming). */
const ggufModules: Readonly<Record<LinearModule, string>> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

const ggufNames: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
}

/** The GGUF name of a Hugging Face tensor name. */
export function ggufName(name: string): string {
  const fixed = ggufNames[name]
  if (fixed !== undefined) return fixed
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? []
  const module = ggufModules[part as LinearModule] ?? ggufNames[part ?? '']
  if (layer === undefined || module === undefined)
    throw new AppError('internal.invariant', { message: `no GGUF name for ${name}` })
  return `blk.${layer}.${module}.${kind}`
}

/** Reads the architecture from GGUF metadata by spelling it as a config.json and using the same reader. */
export function configOfGguf(facts: GgufFacts): { config: ModelConfig; family: Family } {
  const { metadata } = facts
  const architecture = metadata.get('general.architecture')
  const family = familyOfGguf(typeof architecture === 'string' ? architecture : '')
  const key = (name: string): unknown => plain(metadata.get(`${architecture}.${name}`))
  const scaling = key('rope.scaling.type')
  if (scaling !== undefined && scaling !== 'none') {
    throw new AppError('model.option_unsupported', {
      family: family.name,
      option: 'rope.scaling.type',
      value: String(scaling),
    })
  }
  const record = {
    hidden_size: key('embedding_length'),
    num_hidden_layers: key('block_count'),
    num_attention_heads: key('attention.head_count'),
    num_key_value_heads: key('attention.head_count_kv'),
    head_dim: key('attention.key_length') ?? key('rope.dimension_count'),
    intermediate_size: key('feed_forward_length'),
    max_position_embeddings: key('context_length'),
    rms_norm_eps: key('attention.layer_norm_rms_epsilon'),
    rope_theta: key('rope.freq_base') ?? 10000,
    vocab_size: facts.vocab,
    tie_word_embeddings: !facts.tensorNames.includes('output.weight'),
  }
  const config = decoderConfig(family, fieldsOf(record))
  const { ropeDivisors } = facts
  if (ropeDivisors === null) return { config, family }
  if (ropeDivisors.length !== config.headDim / 2 || ropeDivisors.some((d) => !(d > 0))) {
    throw new AppError('model.config.invalid', {
      key: 'rope_freqs.weight',
      expected: `${config.headDim / 2} positive numbers`,
    })
  }
  const ropeScaling: RopeScaling = ropeDivisors.every((d) => d === 1)
    ? { kind: 'none' }
    : { kind: 'divisors', divisors: ropeDivisors }
  return { config: { ...config, ropeScaling }, family }
}

/** GGUF integers may arrive as bigint; float32 values are rounded to the seven digits they hold. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isInteger(value)) return Number(value.toPrecision(7))
  return value
}

/**
 * Undoes llama.cpp's row order of q and k: stored rows are interleaved pairs (heads, D/2, 2), the model's are halves
 * (heads, 2, D/2). `values` [heads·D, inner] is rewritten in place.
 */
export function unpermuteRows(values: Float32Array, heads: number, inner: number): void {
  const rows = values.length / inner
  const D = rows / heads
  const head = new Float32Array(D * inner)
  for (let h = 0; h < heads; h++) {
    const base = h * D * inner
    head.set(values.subarray(base, base + D * inner))
    for (let j = 0; j < D / 2; j++) {
      for (let part = 0; part < 2; part++) {
        const from = (2 * j + part) * inner
        values.set(head.subarray(from, from + inner), base + (part * (D / 2) + j) * inner)
      }
    }
  }
}
