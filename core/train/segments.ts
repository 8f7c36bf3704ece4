import { emitGraph } from '../emit/index.ts'
import {
  type GraphContext,
  InputSet,
  type Layout,
  type LoraSpec,
  type ModelConfig,
  type Outputs,
  type StaticSources,
  segmentBackward,
  segmentForward,
  staticArrays,
  topStep,
} from '../models/index.ts'
import { type BoundSession, bindSession } from '../runtime/index.ts'

/** How the layers of a model are cut for training: `topLayers` run as one graph without recompute, those below one by one with recompute. */
export interface Cut {
  readonly topLayers: number
}

/** The sessions of one training run. Lower layers share one forward and one backward session. */
export interface TrainingSessions {
  readonly top: BoundSession
  readonly lower: {
    readonly forward: BoundSession
    readonly backward: BoundSession
    readonly bottom: BoundSession
  } | null
}

export async function openTraining(
  sources: StaticSources,
  layout: Layout,
  lora: LoraSpec,
  options: Cut & { threads: number },
): Promise<TrainingSessions> {
  const { config } = sources
  const open = (build: (ctx: GraphContext) => Outputs): Promise<BoundSession> => {
    const ctx = { config, layout, lora, training: true, cacheCapacity: null, inputs: new InputSet() }
    const graph = emitGraph(build(ctx))
    return bindSession(graph, (layer) => staticArrays(graph.inputs, sources, layer), options.threads)
  }
  const lowerLayers = lowerLayerCount(sources.config, options)
  const top = await open((ctx) => topStep(ctx, options.topLayers, lowerLayers > 0))
  if (lowerLayers === 0) return { top, lower: null }
  const forward = await open((ctx) => segmentForward(ctx, 1))
  const backward = await open((ctx) => segmentBackward(ctx, 1, true))
  // Nothing trainable lies below layer 0, so its backward stops there.
  const bottom = await open((ctx) => segmentBackward(ctx, 1, false))
  return { top, lower: { forward, backward, bottom } }
}

export function lowerLayerCount(config: ModelConfig, cut: Cut): number {
  return config.layers - cut.topLayers
}
