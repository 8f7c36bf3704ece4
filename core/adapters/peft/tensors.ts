import { printable } from '../../formats/zip/index.ts'
import { AppError } from '../../kit/index.ts'

/** One matrix of an adapter, row-major float32, by the name PEFT stores it under. */
export interface PeftTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** The pair of matrices on one linear layer: A [rank, in], B [out, rank]. */
export interface LoraPair {
  /** The layer's name in the base model, such as `model.layers.0.self_attn.q_proj`. */
  readonly module: string
  readonly inFeatures: number
  readonly outFeatures: number
  readonly a: Float32Array
  readonly b: Float32Array
}

const NAME = /^base_model\.model\.([\w-]+(?:\.[\w-]+)*)\.lora_(A|B)\.weight$/

/** The stored name of one half of a pair. */
export function peftTensorName(module: string, half: 'A' | 'B'): string {
  return `base_model.model.${module}.lora_${half}.weight`
}

type Shape = Pick<PeftTensor, 'name' | 'shape'>

/** A pair before its values are read. */
export interface PairShape {
  readonly module: string
  readonly inFeatures: number
  readonly outFeatures: number
}

/**
 * Pairs tensor names and holds their shapes against the rank; sorted by module.
 * @throws adapter.tensor_unexpected, adapter.tensor_missing, adapter.shape_mismatch, adapter.empty
 */
export function pairUp(tensors: readonly Shape[], rank: number): PairShape[] {
  const halves = new Map<string, { A?: Shape; B?: Shape }>()
  for (const tensor of tensors) {
    const match = NAME.exec(tensor.name)
    if (!match) throw new AppError('adapter.tensor_unexpected', { tensor: printable(tensor.name) })
    const [, module, half] = match
    const pair = halves.get(module) ?? {}
    pair[half as 'A' | 'B'] = tensor
    halves.set(module, pair)
  }
  if (halves.size === 0) throw new AppError('adapter.empty', {})
  const modules = [...halves.keys()].sort()
  return modules.map((module) => {
    const { A, B } = halves.get(module) ?? {}
    if (!A || !B) throw new AppError('adapter.tensor_missing', { tensor: peftTensorName(module, A ? 'B' : 'A') })
    const fits = A.shape.length === 2 && B.shape.length === 2 && A.shape[0] === rank && B.shape[1] === rank
    if (!fits || A.shape[1] < 1 || B.shape[0] < 1) {
      throw new AppError('adapter.shape_mismatch', { module, a: A.shape, b: B.shape, rank })
    }
    return { module, inFeatures: A.shape[1], outFeatures: B.shape[0] }
  })
}

/**
 * The target names that stand for exactly these modules: the listed ones that are used; for `all-linear` the last
 * parts of the module names; for a regular expression, which may mean single layers, the full module names. Sorted.
 */
export function targetsOf(
  pairs: readonly PairShape[],
  declared: readonly string[] | 'all-linear' | 'pattern',
): string[] {
  const modules = pairs.map(({ module }) => module)
  if (declared === 'pattern') return modules
  if (declared === 'all-linear')
    return [...new Set(modules.map((name) => name.slice(name.lastIndexOf('.') + 1)))].sort()
  return declared.filter((target) => modules.some((module) => isTarget(module, [target]))).sort()
}

/** PEFT's own rule: a target names a module when it is the module's name or its end behind a dot. */
export function isTarget(module: string, targets: readonly string[]): boolean {
  return targets.some((target) => module === target || module.endsWith(`.${target}`))
}

/** @throws adapter.not_finite naming the tensor and the first position */
export function checkFinite(name: string, data: Float32Array): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) throw new AppError('adapter.not_finite', { tensor: printable(name), index: i })
  }
}

/**
 * Holds an adapter against the base model it is to be put on. `sizeOf` gives the width of a linear layer of the model.
 * @throws adapter.module_missing when the model has no such layer, adapter.shape_mismatch when it has another size
 */
export function checkAgainstModel(
  pairs: readonly PairShape[],
  sizeOf: (module: string) => { inFeatures: number; outFeatures: number } | undefined,
): void {
  for (const { module, inFeatures, outFeatures } of pairs) {
    const layer = sizeOf(module)
    if (!layer) throw new AppError('adapter.module_missing', { module })
    if (layer.inFeatures !== inFeatures || layer.outFeatures !== outFeatures) {
      const weight = [layer.outFeatures, layer.inFeatures]
      throw new AppError('adapter.shape_mismatch', { module, weight, adapter: [outFeatures, inFeatures] })
    }
  }
}
