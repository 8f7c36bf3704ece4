import type { Recipe } from '../../contract/recipe/index.ts'
import { type Example, exampleEncoder } from '../../data/index.ts'
import { pickLabel } from '../../eval/index.ts'
import { type ScoringRow, scoreCandidates, type TokenLogProbs } from '../../infer/index.ts'
import { diskFiles } from '../../kit/index.ts'
import type { StaticSources } from '../../models/index.ts'
import { withAdapter } from './adapter.ts'
import { type JobRow, writeLines } from './folder.ts'
import type { LoadedModel } from './model.ts'
import type { JobContext } from './tune.ts'
import type { JobIo } from './worker.ts'

/** What one model said about one test row. Without labels: the mean loss of the row's own answer. */
export interface Prediction {
  readonly rowId: string
  readonly gold: string | null
  readonly predicted: string | null
  /** Score of every label (higher is better), by the recipe's scoring. */
  readonly scores: Readonly<Record<string, number>>
  /** Sum of −log p over the row's own answer tokens, and their number. */
  readonly loss: number
  readonly tokens: number
}

/** Scores the test rows with the base model (when asked) and the tuned one; finished parts are kept for a resume. */
export async function predict(context: JobContext, io: JobIo): Promise<void> {
  const { folder, job, model } = context
  const rows = testRows(context.rows, job.recipe)
  if (rows.length === 0) return
  const base: StaticSources = { config: model.config, weights: model.weights, adapter: null }
  const settings = { recipe: job.recipe, labels: job.labels, threads: job.threads }
  if (job.recipe.evaluate.base && !diskFiles.exists(folder.predictions('base'))) {
    writeLines(
      folder.predictions('base'),
      await predictRows(base, model, rows, { ...settings, stage: 'evaluateBase' }, io),
    )
  }
  if (!diskFiles.exists(folder.predictions('tuned'))) {
    const tuned = withAdapter(base, folder.adapter)
    writeLines(
      folder.predictions('tuned'),
      await predictRows(tuned, model, rows, { ...settings, stage: 'evaluateTuned' }, io),
    )
  }
}

export function testRows(rows: readonly JobRow[], recipe: Recipe): JobRow[] {
  const test = rows.filter((r) => r.split === 'test')
  return recipe.evaluate.limit === null ? test : test.slice(0, recipe.evaluate.limit)
}

export interface PredictSettings {
  readonly recipe: Recipe
  readonly labels: readonly string[]
  readonly threads: number
  readonly stage: 'evaluateBase' | 'evaluateTuned'
}

/** Scores every label of every row, or the row's own answer when there are no labels. */
export async function predictRows(
  sources: StaticSources,
  model: LoadedModel,
  rows: readonly JobRow[],
  settings: PredictSettings,
  io: JobIo,
): Promise<Prediction[]> {
  const { recipe, labels, stage } = settings
  const encoder = exampleEncoder({ task: recipe.task, prompt: recipe.prompt, ...model.language })
  const examples = rows.map((row) =>
    labels.length > 0 ? labels.map((label) => encoder.encodeWithLabel(row, label)) : [encoder.encode(row)],
  )
  const scoring = examples.map(
    (of): ScoringRow => ({
      candidates: of.map((e) => ({ ids: e.ids, scoredFrom: e.answers[0]?.[0] ?? e.ids.length })),
    }),
  )
  const scored = await scoreCandidates(sources, scoring, {
    threads: settings.threads,
    cancel: io.cancel,
    progress: (done) => io.progress({ stage, done, total: rows.length, unit: 'rows' }),
  })
  return rows.map((row, i) =>
    labels.length > 0
      ? choice(row, scored[i]!, labels, recipe.evaluate.scoring)
      : ownLoss(row, scored[i]![0] ?? [], examples[i]![0]!.answers),
  )
}

/** The label with the best score, and the loss of the row's own label. */
function choice(
  row: JobRow,
  scored: TokenLogProbs[number],
  labels: readonly string[],
  mode: Recipe['evaluate']['scoring'],
): Prediction {
  const own = scored[labels.indexOf(row.label ?? '')] ?? []
  const byLabel = Object.fromEntries(labels.map((label, i) => [label, [...scored[i]!]]))
  const { predicted, scores } = pickLabel(byLabel, mode)
  return { rowId: row.id, gold: row.label, predicted, scores, loss: lossOf(own), tokens: own.length }
}

/** The loss of the answers alone: in a conversation of several turns the questions between them do not count. */
function ownLoss(row: JobRow, scored: readonly number[], answers: Example['answers']): Prediction {
  const first = answers[0]?.[0] ?? 0
  const own = answers.flatMap(([begin, end]) => scored.slice(begin - first, end - first))
  return { rowId: row.id, gold: null, predicted: null, scores: {}, loss: lossOf(own), tokens: own.length }
}

function lossOf(logProbs: readonly number[]): number {
  return -logProbs.reduce((sum, p) => sum + p, 0)
}
