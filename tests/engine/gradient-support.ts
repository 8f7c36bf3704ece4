import { neverCancelled } from '../../core/kit/index.ts'
import { batchArrays, type Layout, type TokenSequence } from '../../core/models/index.ts'
import { StepEngine } from '../../core/train/index.ts'
import type { AdaptedSources } from './support.ts'

export interface StepCase {
  readonly layout: Layout
  readonly prefix: readonly number[]
  /** Micro-batches of bins of sequences; their gradients are accumulated. */
  readonly micro: readonly (readonly (readonly TokenSequence[])[])[]
  readonly topLayers?: number
  readonly seed?: number
  readonly step?: number
}

/** Loss and flat gradient of one step through the real engine. */
export async function lossAndGradient(
  sources: AdaptedSources,
  step: StepCase,
): Promise<{ loss: number; gradient: Float32Array }> {
  const { layout, prefix, micro, topLayers = sources.config.layers, seed = 5 } = step
  const engine = await StepEngine.open(sources, { layout, topLayers, threads: 1, seed })
  const gradient = new Float32Array(sources.adapter.layout.size)
  let loss = 0
  try {
    for (const [number, bins] of micro.entries()) {
      const arrays = batchArrays(layout, prefix, bins)
      loss += await engine.accumulate(arrays, gradient, [step.step ?? 0, number], neverCancelled)
    }
  } finally {
    await engine.close()
  }
  return { loss, gradient }
}
