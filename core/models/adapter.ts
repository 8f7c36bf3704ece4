import { AppError } from '../kit/error.ts'
import { type LinearModule, linearModules, linearShape, type ModelConfig } from './config.ts'

/** A LoRA adapter's shape: y += (alpha / rank) · dropout(x)·Aᵀ·Bᵀ on the chosen linear layers (Hu et al., 2021). */
export interface LoraSpec {
  readonly rank: number
  readonly alpha: number
  readonly dropout: number
  readonly modules: readonly LinearModule[]
}

export function loraScale(spec: LoraSpec): number {
  return spec.alpha / spec.rank
}

/** `all-linear` or names such as `q_proj` to the modules they mean, in canonical order. */
export function modulesOf(targets: 'all-linear' | readonly string[]): LinearModule[] {
  if (targets === 'all-linear') return [...linearModules]
  const wanted = new Set(targets)
  for (const name of wanted) {
    if (!linearModules.some((m) => m.endsWith(`.${name}`))) throw new AppError('model.target_unknown', { target: name })
  }
  return linearModules.filter((m) => wanted.has(m.slice(m.indexOf('.') + 1)))
}

/** One matrix of the adapter inside the flat parameter vector. */
export interface AdapterTensor {
  /** PEFT's module path without prefix and suffix, e.g. `model.layers.3.self_attn.q_proj`. */
  readonly path: string
  readonly layer: number
  readonly module: LinearModule
  readonly factor: 'A' | 'B'
  /** A [rank, in], B [out, rank]. */
  readonly shape: readonly [number, number]
  readonly offset: number
  readonly size: number
}

/** All matrices of an adapter, one behind the other: layer by layer, so one layer is one contiguous range. */
export interface AdapterLayout {
  readonly spec: LoraSpec
  readonly tensors: readonly AdapterTensor[]
  readonly size: number
}

export function adapterLayout(config: ModelConfig, spec: LoraSpec): AdapterLayout {
  const tensors: AdapterTensor[] = []
  let offset = 0
  for (let layer = 0; layer < config.layers; layer++) {
    for (const module of spec.modules) {
      const [out, into] = linearShape(config, module)
      for (const factor of ['A', 'B'] as const) {
        const shape = factor === 'A' ? ([spec.rank, into] as const) : ([out, spec.rank] as const)
        const size = shape[0] * shape[1]
        tensors.push({ path: `model.layers.${layer}.${module}`, layer, module, factor, shape, offset, size })
        offset += size
      }
    }
  }
  return { spec, tensors, size: offset }
}
