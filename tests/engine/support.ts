import { randomStream } from '../../core/kit/index.ts'
import {
  type AdapterLayout,
  adapterLayout,
  configOfHuggingFace,
  type ModelConfig,
  modulesOf,
  type StaticSources,
  type WeightStore,
} from '../../core/models/index.ts'
import { tinyConfigJson, tinyWeights } from '../support/tiny-model.ts'

export interface TinyOptions {
  readonly seed?: number
  readonly rank?: number
  readonly dropout?: number
  readonly targets?: 'all-linear' | readonly string[]
  readonly config?: Readonly<Record<string, unknown>>
}

export type AdaptedSources = StaticSources & { readonly adapter: { layout: AdapterLayout; values: Float32Array } }

/** The tiny model in memory with an adapter whose both factors are random, so that every gradient is alive. */
export function tinySources(options: TinyOptions = {}): AdaptedSources {
  const config = configOfHuggingFace({ ...tinyConfigJson, ...options.config })
  const spec = {
    rank: options.rank ?? 3,
    alpha: 6,
    dropout: options.dropout ?? 0,
    modules: modulesOf(options.targets ?? 'all-linear'),
  }
  const layout = adapterLayout(config, spec)
  const random = randomStream(options.seed ?? 1, 'tiny-adapter')
  const values = Float32Array.from({ length: layout.size }, () => 0.15 * random.normal())
  return { config, weights: weightStore(config, options.seed ?? 1), adapter: { layout, values } }
}

export function weightStore(config: ModelConfig, seed = 1): WeightStore {
  const weights = tinyWeights(config, seed)
  const real = (name: string): string => (config.tied && name === 'lm_head.weight' ? 'model.embed_tokens.weight' : name)
  return {
    bytes: [...weights.values()].reduce((n, w) => n + w.data.byteLength, 0),
    get: (name) => weights.get(real(name))!.data,
    shape: (name) => weights.get(real(name))!.shape,
  }
}

/** Largest difference relative to the largest expected value. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0
  let largest = 1e-30
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!)
    if (!(d <= difference)) difference = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d
    largest = Math.max(largest, Math.abs(expected[i]!))
  }
  return difference / largest
}

/** Random token ids without the three special tokens. */
export function tokens(n: number, ...names: (string | number)[]): number[] {
  const random = randomStream(3, 'tokens', ...names)
  return Array.from({ length: n }, () => 3 + random.int(509))
}
