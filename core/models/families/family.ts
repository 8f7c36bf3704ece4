import type { ModelConfig } from '../config.ts'
import { type Fields, refuseOption, ropeOf } from './fields.ts'

/** One model family: how its files spell the architecture. The graph builders read only ModelConfig. */
export interface Family {
  readonly name: string
  /** `model_type` values of config.json. */
  readonly modelTypes: readonly string[]
  /** `general.architecture` of GGUF. */
  readonly ggufArchitecture: string
  /** llama.cpp stores q and k rows of this family as interleaved pairs. */
  readonly ggufPermutesQueryKey: boolean
  /** Refuses options that change the computation, and states what the family adds. */
  features(f: Fields): { qkvBias: boolean }
}

/** Far above any published model (126); everything that is made per layer is bounded by it. */
const maxLayers = 1024

/** Reads the decoder fields all Llama-like families share. */
export function decoderConfig(family: Family, f: Fields): ModelConfig {
  const activation = f.text('hidden_act', 'silu')
  if (activation !== 'silu') refuseOption(family.name, 'hidden_act', activation)
  if (f.bool('mlp_bias', false)) refuseOption(family.name, 'mlp_bias', true)
  const { qkvBias } = family.features(f)
  const { theta, scaling } = ropeOf(family.name, f)
  const hidden = f.int('hidden_size')
  const heads = f.int('num_attention_heads')
  const kvHeads = f.int('num_key_value_heads', heads)
  const headDim = f.int('head_dim', Math.floor(hidden / heads))
  if (heads % kvHeads !== 0) refuseOption(family.name, 'num_key_value_heads', kvHeads)
  if (headDim % 2 !== 0) refuseOption(family.name, 'head_dim', headDim)
  return {
    family: family.name,
    layers: f.int('num_hidden_layers', undefined, maxLayers),
    hidden,
    heads,
    kvHeads,
    headDim,
    ffn: f.int('intermediate_size'),
    vocab: f.int('vocab_size'),
    rmsEpsilon: f.number('rms_norm_eps', 1e-6),
    ropeTheta: theta,
    ropeScaling: scaling,
    tied: f.bool('tie_word_embeddings', false),
    qkvBias,
    maxPositions: f.int('max_position_embeddings', 2048),
  }
}
