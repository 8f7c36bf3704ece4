import type { BatchView } from '../../contract/app.ts'
import type { Recipe } from '../../contract/recipe/index.ts'
import { type DataRow, exampleEncoder } from '../../data/index.ts'
import {
  adapterLayout,
  linearModules,
  linearShape,
  type ModelConfig,
  type ModelLanguage,
  modulesOf,
  tokenRows,
} from '../../models/index.ts'
import type { Tokenizer } from '../../text/index.ts'
import { batchOrder, planTraining, type SharedRows, shareRows, type TrainPlan } from '../../train/index.ts'

export interface ForecastInput {
  readonly recipe: Recipe
  readonly config: ModelConfig
  readonly language: ModelLanguage
  readonly rows: readonly DataRow[]
  readonly threads: number
  readonly memoryBytes: number
  /** Measured matrix-product speed of this machine. */
  readonly flopsPerSecond: number
}

/** Share of the matrix-product ceiling that a training step reaches (measured 0.7 to 0.8 on two machines). */
const efficiency = 0.7

/** The plan that a run would get, what it costs, and its first batch as the model sees it. */
export interface PlanForecast {
  readonly plan: TrainPlan
  readonly seconds: number
  readonly peakMemoryBytes: number
  readonly diskBytes: number
  readonly steps: number
  readonly rows: number
  readonly tokens: number
  readonly firstBatch: BatchView
}

/** Plans a recipe exactly as its run would. */
export function planForecast(input: ForecastInput): PlanForecast {
  const { recipe, config } = input
  const { rank, alpha, dropout, targets } = recipe.method
  const layout = adapterLayout(config, { rank, alpha, dropout, modules: modulesOf(targets) })
  const encoder = exampleEncoder({ task: recipe.task, prompt: recipe.prompt, ...input.language })
  const examples = input.rows
    .map((r) => ({ ...encoder.encode(r), weight: r.weight }))
    .filter((e) => e.answers.length > 0)
  const shared = shareRows(examples, recipe.train.prefixSharing)
  const { batchSize, epochs, maxSteps, shuffle } = recipe.train
  const order = { rows: examples.length, batchSize, epochs, maxSteps, shuffle, seed: recipe.seed }
  const plan = planTraining({
    config,
    lora: layout.spec,
    rows: shared,
    order,
    threads: input.threads,
    memoryBytes: input.memoryBytes,
  })
  const flops = plan.steps * plan.microBatchesPerStep * microBatchFlops(config, plan, layout.size)
  return {
    plan,
    seconds: flops / (input.flopsPerSecond * efficiency),
    peakMemoryBytes: Math.round(plan.memory.total),
    // Two checkpoints of values and moments, the adapter, and its copy in the bundle.
    diskBytes: layout.size * 4 * (2 * 3 + 2),
    steps: plan.steps,
    rows: examples.length,
    tokens: shared.lengths.reduce((a, b) => a + b, 0),
    firstBatch: viewOf(batchOrder(order)(0), shared, input.language.tokenizer),
  }
}

/** Forward and backward of one micro-batch: frozen layers 4 FLOPs a weight and token (no weight gradient), adapters 6, attention three times its forward. */
function microBatchFlops(config: ModelConfig, { layout, topLayers }: TrainPlan, adapterSize: number): number {
  const T = tokenRows(layout)
  const linears =
    linearModules.reduce((n, m) => n + linearShape(config, m)[0] * linearShape(config, m)[1], 0) * config.layers
  const attention = 12 * config.layers * config.heads * config.headDim * (layout.prefix + layout.binLength)
  const recompute = (2 * linears * (config.layers - topLayers)) / config.layers
  const head = 4 * layout.predictions * config.hidden * config.vocab
  return T * (4 * linears + 6 * adapterSize + attention + recompute) + head
}

/** Tokens as text with the supervised ones marked. */
function viewOf(batch: readonly number[], shared: SharedRows, tokenizer: Tokenizer): BatchView {
  return {
    sharedPrefix: tokenizer.decode(shared.prefix),
    sharedTokens: shared.prefix.length,
    rows: batch.map((i) => {
      const { ids, predicted } = shared.sequences[i]!
      const supervised = new Set(predicted)
      return { tokens: Array.from(ids, (id, at) => ({ text: tokenizer.decode([id]), supervised: supervised.has(at) })) }
    }),
  }
}
