import { AppError } from '../kit/error.ts'
import { type ModelConfig, requiredTensors } from './config.ts'

/** The frozen base in memory: float32 arrays by Hugging Face name, one copy of everything. */
export interface WeightStore {
  /** Row-major values; `lm_head.weight` of a tied model is the embedding itself. */
  get(name: string): Float32Array
  shape(name: string): readonly number[]
  readonly bytes: number
}

/** Where weights come from: a file reader already translated to Hugging Face names and row order. */
export interface NamedTensors {
  has(name: string): boolean
  shape(name: string): readonly number[]
  read(name: string): Float32Array
}

/** Checks every needed tensor's presence and shape before reading the first one, then loads all of them. */
export function loadWeights(
  config: ModelConfig,
  source: NamedTensors,
  progress?: (done: number, total: number) => void,
): WeightStore {
  const needed = requiredTensors(config)
  checkTensors(config, source)
  const arrays = new Map<string, Float32Array>()
  let bytes = 0
  for (const name of needed.keys()) {
    const values = source.read(name)
    arrays.set(name, values)
    bytes += values.byteLength
    progress?.(arrays.size, needed.size)
  }
  const real = (name: string): string => (config.tied && name === 'lm_head.weight' ? 'model.embed_tokens.weight' : name)
  return {
    bytes,
    get(name) {
      const values = arrays.get(real(name))
      if (values === undefined) throw new AppError('internal.invariant', { message: `no weight ${name}` })
      return values
    },
    shape: (name) => needed.get(real(name))!,
  }
}

/** Every tensor the architecture needs must be there with the right shape. */
export function checkTensors(config: ModelConfig, source: NamedTensors): void {
  for (const [name, shape] of requiredTensors(config)) {
    if (!source.has(name)) throw new AppError('model.tensor_missing', { tensor: name })
    const found = source.shape(name)
    if (String(found) !== String(shape))
      throw new AppError('model.tensor_shape', { tensor: name, expected: [...shape], found: [...found] })
  }
}
