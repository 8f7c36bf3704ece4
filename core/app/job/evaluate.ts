import type { Recipe } from '../../contract/recipe/index.ts'
import type { StaticSources } from '../../models/index.ts'
import { withAdapter } from './adapter.ts'
import type { JobRow } from './folder.ts'
import { type JobModel, loadJobModel } from './model.ts'
import { type Prediction, predictRows } from './predict.ts'
import type { JobIo } from './worker.ts'

export interface EvaluateInput {
  readonly model: JobModel
  /** Folder of the adapter in PEFT layout. */
  readonly adapter: string
  readonly recipe: Recipe
  readonly labels: readonly string[]
  readonly rows: readonly JobRow[]
  readonly threads: number
}

/** Scores given rows with base and adapter. */
export async function evaluateJob(
  input: EvaluateInput,
  io: JobIo,
): Promise<{ base: Prediction[] | null; tuned: Prediction[] }> {
  const model = loadJobModel(input.model, io)
  const { recipe, labels, rows, threads } = input
  const base: StaticSources = { config: model.config, weights: model.weights, adapter: null }
  const settings = { recipe, labels, threads }
  const before = recipe.evaluate.base
    ? await predictRows(base, model, rows, { ...settings, stage: 'evaluateBase' }, io)
    : null
  const tuned = withAdapter(base, input.adapter)
  return { base: before, tuned: await predictRows(tuned, model, rows, { ...settings, stage: 'evaluateTuned' }, io) }
}
