import { AppError, canonicalJson, sha256 } from '../kit/index.ts'
import {
  type Layout,
  type LoraSpec,
  type ModelConfig,
  microBatches,
  packBins,
  type TokenSequence,
  tokenRows,
} from '../models/index.ts'
import { estimateMemory, type MemoryEstimate } from './memory.ts'
import { batchOrder, type OrderSettings, totalSteps } from './order.ts'
import type { SharedRows } from './rows.ts'

/** Everything that decides how a run computes; stored with the run, so that resuming repeats it exactly. */
export interface TrainPlan {
  readonly layout: Layout
  /** Layers in the top segment (no recompute); those below run one by one with recompute. */
  readonly topLayers: number
  readonly steps: number
  readonly threads: number
  readonly precision: 'fp32'
  readonly device: 'cpu'
  readonly prefixTokens: number
  /** Micro-batches of one step, on average over the run. */
  readonly microBatchesPerStep: number
  readonly memory: MemoryEstimate
}

/** Identity of a plan: same seed and same hash on one machine give the same adapter bytes. */
export function planHash(plan: TrainPlan): string {
  return sha256(canonicalJson(plan))
}

export interface PlanInput {
  readonly config: ModelConfig
  readonly lora: LoraSpec
  readonly rows: SharedRows
  readonly order: OrderSettings
  readonly threads: number
  /** Memory the training process may take. */
  readonly memoryBytes: number
}

/** Steps looked at when bin shapes are compared; the winner is then checked on all steps. */
const sampledSteps = 64

interface Candidate {
  readonly layout: Layout
  readonly topLayers: number
  readonly microBatches: number
  readonly cost: number
  readonly memory: MemoryEstimate
}

/** Chooses bins, micro-batch and recompute so that the run is fastest within the memory given; `engine.memory` when nothing fits. */
export function planTraining(input: PlanInput): TrainPlan {
  const { config, rows, order } = input
  const steps = totalSteps(order)
  const batchAt = batchOrder(order)
  const sample = Array.from({ length: Math.min(steps, sampledSteps) }, (_, i) =>
    batchAt(Math.floor((i * steps) / Math.min(steps, sampledSteps))),
  )
  const longest = Math.max(1, ...rows.sequences.map((s) => s.ids.length))
  let best: Candidate | null = null
  for (const binLength of binLengths(longest)) {
    const perStep = sample.map(
      (batch) =>
        packBins(
          batch.map((i) => rows.sequences[i]!.ids.length),
          binLength,
        ).length,
    )
    for (let bins = 1; bins <= Math.max(...perStep); bins++) {
      const candidate = fastestCut(input, binLength, bins, perStep)
      if (candidate !== null && (best === null || candidate.cost < best.cost)) best = candidate
    }
  }
  if (best === null) throw tooLarge(input, longest)
  const layout = { ...best.layout, predictions: predictionsNeeded(input, best.layout, steps) }
  return {
    layout,
    topLayers: best.topLayers,
    steps,
    threads: input.threads,
    precision: 'fp32',
    device: 'cpu',
    prefixTokens: rows.prefix.length,
    microBatchesPerStep: best.microBatches / sample.length,
    memory: estimateMemory(config, layout, input.lora, best.topLayers),
  }
}

/** Bin lengths worth trying: the longest row rounded up, and up to twice that in small steps; larger ones waste less at their ends. */
function binLengths(longest: number): number[] {
  const first = Math.ceil(longest / 8) * 8
  const step = Math.max(8, Math.ceil(first / 128) * 8)
  const lengths = Array.from({ length: Math.floor(first / step) + 1 }, (_, i) => first + i * step)
  return lengths.filter((length) => length === first || length <= 768)
}

/** The cheapest recompute setting of one bin shape that fits the memory, or null. */
function fastestCut(input: PlanInput, binLength: number, bins: number, perStep: readonly number[]): Candidate | null {
  const { config, lora, rows } = input
  const density =
    rows.sequences.reduce((n, s) => n + s.predicted.length, 0) / rows.sequences.reduce((n, s) => n + s.ids.length, 0)
  const layout: Layout = {
    prefix: rows.prefix.length,
    bins,
    binLength,
    predictions: Math.ceil(bins * binLength * density),
  }
  const count = perStep.reduce((n, needed) => n + Math.ceil(needed / bins), 0)
  for (let topLayers = config.layers; topLayers >= 1; topLayers = topLayers > 4 ? topLayers - 4 : topLayers - 1) {
    const memory = estimateMemory(config, layout, lora, topLayers)
    if (memory.total > input.memoryBytes) continue
    return { layout, topLayers, microBatches: count, cost: count * stepCost(config, layout, topLayers), memory }
  }
  return null
}

/** Relative cost of one micro-batch: products per token row, attention counted double because its many passes are bound by memory, recompute a third more. */
function stepCost(config: ModelConfig, layout: Layout, topLayers: number): number {
  const { hidden: H, heads, kvHeads, headDim: D, ffn } = config
  const linears = 2 * H * heads * D + 2 * H * kvHeads * D + 3 * H * ffn
  const attention = 2 * 2 * heads * D * (layout.prefix + layout.binLength)
  const recompute = 1 + (0.45 * (config.layers - topLayers)) / config.layers
  return (
    tokenRows(layout) * (linears + attention) * recompute * config.layers + 2 * layout.predictions * H * config.vocab
  )
}

/** Largest number of predictions any micro-batch of the run needs, over all of its steps. */
function predictionsNeeded(input: PlanInput, layout: Layout, steps: number): number {
  const { sequences } = input.rows
  const batchAt = batchOrder(input.order)
  let most = 1
  for (let step = 0; step < steps; step++) {
    for (const micro of stepMicroBatches(batchAt(step), sequences, {
      ...layout,
      predictions: Number.MAX_SAFE_INTEGER,
    })) {
      most = Math.max(
        most,
        micro.flat().reduce((n, i) => n + sequences[i]!.predicted.length, 0),
      )
    }
  }
  return most
}

/** Micro-batches of one step as indices into all rows. */
export function stepMicroBatches(
  batch: readonly number[],
  sequences: readonly TokenSequence[],
  layout: Layout,
): number[][][] {
  const bins = packBins(
    batch.map((i) => sequences[i]!.ids.length),
    layout.binLength,
  )
  const predicted = batch.map((i) => sequences[i]!.predicted.length)
  return microBatches(bins, predicted, layout).map((micro) => micro.map((bin) => bin.map((i) => batch[i]!)))
}

function tooLarge(input: PlanInput, longest: number): AppError {
  const layout: Layout = {
    prefix: input.rows.prefix.length,
    bins: 1,
    binLength: Math.ceil(longest / 8) * 8,
    predictions: longest,
  }
  const needed = estimateMemory(input.config, layout, input.lora, 1).total
  const gigabytes = (bytes: number): number => Math.ceil(bytes / 1e8) / 10
  return new AppError('engine.memory', {
    neededGb: gigabytes(needed),
    availableGb: gigabytes(input.memoryBytes),
    longestRow: longest,
  })
}
