import { invariant } from '../kit/error.ts'
import type { AdapterLayout } from './adapter.ts'
import type { ModelConfig } from './config.ts'
import { ropeTables } from './rope.ts'
import type { WeightStore } from './weights.ts'

/** One input of a lowered graph, by name and shape. */
interface GraphInput {
  readonly name: string
  readonly shape: readonly number[]
}

/** What stays the same from run to run: frozen weights, rope tables, adapter matrices (views into one flat vector). */
export interface StaticSources {
  readonly config: ModelConfig
  readonly weights: WeightStore
  readonly adapter: { readonly layout: AdapterLayout; readonly values: Float32Array } | null
}

/** Inputs that `staticArrays` leaves to the caller because they change with every batch. */
const perBatch =
  /^(hidden|positions|bin_mask|prefix_mask|rows|targets|row_weights|grad\.out|cache\..*|layers\.\d+\..*\.keep)$/

/**
 * The arrays behind a graph's static inputs when its layer 0 is the model's layer `firstLayer`. Nothing is copied:
 * weights are the store's arrays, adapter matrices are views that see every optimiser update.
 */
export function staticArrays(
  inputs: readonly GraphInput[],
  sources: StaticSources,
  firstLayer = 0,
): Map<string, { data: Float32Array; shape: readonly number[] }> {
  const { config, weights, adapter } = sources
  const result = new Map<string, { data: Float32Array; shape: readonly number[] }>()
  let tables: ReturnType<typeof ropeTables> | null = null
  for (const { name, shape } of inputs) {
    if (perBatch.test(name)) continue
    const [, relative, rest] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? []
    const layer = Number(relative ?? 0) + firstLayer
    let data: Float32Array
    if (name === 'rope.cos' || name === 'rope.sin') {
      tables ??= ropeTables(config, shape[0]!)
      data = name === 'rope.cos' ? tables.cos : tables.sin
    } else if (name === 'norm.weight') data = weights.get('model.norm.weight')
    else if (name === 'lm_head.weight') data = weights.get('lm_head.weight')
    else if (rest !== undefined && /\.lora_[AB]$/.test(rest)) {
      const tensor = adapter?.layout.tensors.find((t) => t.layer === layer && `${t.module}.lora_${t.factor}` === rest)
      invariant(tensor !== undefined && adapter !== null, `no adapter matrix for ${name}`)
      data = adapter.values.subarray(tensor.offset, tensor.offset + tensor.size)
    } else {
      invariant(rest !== undefined, `unknown graph input ${name}`)
      data = weights.get(`model.layers.${layer}.${rest}`)
    }
    result.set(name, { data, shape })
  }
  return result
}
