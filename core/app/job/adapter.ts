import { checkAgainstModel, peftTensorName, readPeft } from '../../adapters/index.ts'
import {
  adapterLayout,
  linearModules,
  linearShape,
  type ModelConfig,
  modulesOf,
  type StaticSources,
} from '../../models/index.ts'

/** Width of a linear layer by its full name, undefined when the model has none of that name. */
function layerSize(config: ModelConfig, name: string): { inFeatures: number; outFeatures: number } | undefined {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)$/.exec(name) ?? []
  const module = linearModules.find((m) => m === part)
  if (module === undefined || Number(layer) >= config.layers) return undefined
  const [outFeatures, inFeatures] = linearShape(config, module)
  return { inFeatures, outFeatures }
}

/**
 * Attaches a PEFT adapter folder, ours or PEFT's own, to a loaded base after checking that every matrix fits.
 * @throws adapter.* of `readPeft` and `checkAgainstModel`
 */
export function withAdapter(base: StaticSources, folder: string): StaticSources {
  const adapter = readPeft(folder)
  checkAgainstModel(adapter.pairs, (name) => layerSize(base.config, name))
  const targets = new Set(adapter.pairs.map(({ module }) => module.slice(module.lastIndexOf('.') + 1)))
  const { rank } = adapter.config
  const layout = adapterLayout(base.config, {
    rank,
    alpha: adapter.scale * rank,
    dropout: 0,
    modules: modulesOf([...targets]),
  })
  const values = new Float32Array(layout.size)
  const stored = new Map(adapter.tensors.map((t) => [t.name, t.data]))
  for (const tensor of layout.tensors) {
    // A layer the adapter leaves out keeps zeros: B·A = 0 changes nothing.
    const data = stored.get(peftTensorName(tensor.path, tensor.factor))
    if (data !== undefined) values.set(data, tensor.offset)
  }
  return { ...base, adapter: { layout, values } }
}
