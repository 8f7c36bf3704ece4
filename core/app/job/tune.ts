import { exportPeft, peftTensorName } from '../../adapters/index.ts'
import { type Example, exampleEncoder } from '../../data/index.ts'
import { AppError, diskFiles, isAppError, residentMemory, systemClock, writeAtomic } from '../../kit/index.ts'
import { type AdapterLayout, adapterLayout, modulesOf, type StaticSources } from '../../models/index.ts'
import {
  type AdapterState,
  adapterState,
  initialAdapter,
  type OrderSettings,
  planHash,
  planTraining,
  readLatestCheckpoint,
  type SharedRows,
  shareRows,
  type TrainPlan,
  train,
  writeCheckpoint,
} from '../../train/index.ts'
import { type Job, type JobFolder, type JobRow, jobFolder, readJob, readJobRows, readPlan } from './folder.ts'
import type { TimedStep } from './messages.ts'
import { type LoadedModel, loadJobModel } from './model.ts'
import { predict } from './predict.ts'
import type { JobIo } from './worker.ts'

/** What training leaves behind in `result/training.json`. */
export interface TrainingRecord {
  readonly planHash: string
  readonly plan: TrainPlan
  readonly steps: readonly TimedStep[]
  readonly seconds: number
  readonly trainableParameters: number
}

/** Runs a whole job folder: train (or continue), write the adapter, predict with base and tuned model. */
export async function tuneJob(input: { folder: string }, io: JobIo): Promise<{ done: true }> {
  const folder = jobFolder(input.folder)
  const job = readJob(folder)
  const rows = readJobRows(folder)
  const model = loadJobModel(job.model, io)
  const layout = layoutOf(job, model)
  if (!diskFiles.exists(folder.training)) await trainAndExport({ folder, job, rows, model, layout }, io)
  if (job.evaluates) await predict({ folder, job, rows, model, layout }, io)
  return { done: true }
}

/** Everything the parts of a job share. */
export interface JobContext {
  readonly folder: JobFolder
  readonly job: Job
  readonly rows: readonly JobRow[]
  readonly model: LoadedModel
  readonly layout: AdapterLayout
}

function layoutOf(job: Job, model: LoadedModel): AdapterLayout {
  const { rank, alpha, dropout, targets } = job.recipe.method
  return adapterLayout(model.config, { rank, alpha, dropout, modules: modulesOf(targets) })
}

/** Training examples of a job, in the order of its rows. */
export function trainingExamples({ job, rows, model }: Pick<JobContext, 'job' | 'rows' | 'model'>): {
  examples: Example[]
  weights: number[]
} {
  const encoder = exampleEncoder({ task: job.recipe.task, prompt: job.recipe.prompt, ...model.language })
  const chosen = rows.filter((r) => r.split === 'train')
  return { examples: chosen.map((r) => encoder.encode(r)), weights: chosen.map((r) => r.weight) }
}

export function orderOf(job: Job, rows: number): OrderSettings {
  const { batchSize, epochs, maxSteps, shuffle } = job.recipe.train
  return { rows, batchSize, epochs, maxSteps, shuffle, seed: job.recipe.seed }
}

/** Rows of the job as the trainer wants them, and the plan: the stored one when the run was started before. */
export function planJob(
  context: Pick<JobContext, 'job' | 'rows' | 'model' | 'layout'>,
  stored: TrainPlan | null,
): { shared: SharedRows; order: OrderSettings; plan: TrainPlan } {
  const { job, model, layout } = context
  const { examples, weights } = trainingExamples(context)
  const usable = examples.map((e, i) => ({ ...e, weight: weights[i]! })).filter((e) => e.answers.length > 0)
  if (usable.length === 0) throw new AppError('train.no_rows', { tooLong: job.data.tooLong })
  const shared = shareRows(usable, job.recipe.train.prefixSharing)
  const order = orderOf(job, usable.length)
  const plan =
    stored ??
    planTraining({
      config: model.config,
      lora: layout.spec,
      rows: shared,
      order,
      threads: job.threads,
      memoryBytes: job.memoryBytes,
    })
  return { shared, order, plan }
}

async function trainAndExport(context: JobContext, io: JobIo): Promise<void> {
  const { folder, job, layout, model } = context
  const { shared, order, plan } = planJob(context, readPlan(folder))
  const hash = planHash(plan)
  writeAtomic(folder.plan, JSON.stringify(plan, null, 2))
  io.send({ type: 'planned', plan: { ...plan }, planHash: hash })

  const checkpoint = readLatestCheckpoint(folder.checkpoints, hash)
  const state = checkpoint?.state ?? adapterState(initialAdapter(layout, job.recipe.seed))
  const steps = (checkpoint?.history ?? []) as TimedStep[]
  const sources: StaticSources = {
    config: model.config,
    weights: model.weights,
    adapter: { layout, values: state.values },
  }
  const save = (): void => {
    io.progress({ stage: 'checkpoint', done: steps.length, total: plan.steps, unit: 'steps' })
    writeCheckpoint(folder.checkpoints, { step: steps.length, planHash: hash, state, history: steps })
  }
  await runSteps(context, { sources, plan, shared, order, state, steps, save }, io)
  await exportAdapter(context, state)
  const seconds = steps.reduce((sum, s) => sum + s.seconds, 0)
  const record: TrainingRecord = { planHash: hash, plan, steps, seconds, trainableParameters: layout.size }
  writeAtomic(folder.training, JSON.stringify(record))
}

interface Running {
  readonly sources: StaticSources
  readonly plan: TrainPlan
  readonly shared: SharedRows
  readonly order: OrderSettings
  readonly state: AdapterState
  readonly steps: TimedStep[]
  readonly save: () => void
}

async function runSteps({ job }: JobContext, run: Running, io: JobIo): Promise<void> {
  const { recipe } = job
  let saved = run.steps.length
  let at = systemClock.seconds()
  const reports = train({
    sources: run.sources,
    plan: run.plan,
    rows: run.shared,
    order: run.order,
    schedule: {
      kind: recipe.train.schedule,
      learningRate: Number(recipe.train.learningRate),
      warmup: recipe.train.warmup,
    },
    weightDecay: recipe.train.weightDecay,
    maxGradNorm: recipe.train.maxGradNorm,
    state: run.state,
    firstStep: run.steps.length,
    cancel: io.cancel,
  })
  try {
    for await (const report of reports) {
      const now = systemClock.seconds()
      const step = { ...report, seconds: now - at }
      at = now
      run.steps.push(step)
      io.send({ type: 'step', step, residentBytes: residentMemory(process.pid) ?? 0 })
      if (run.steps.length % recipe.train.checkpointEvery === 0 && run.steps.length < run.plan.steps) {
        run.save()
        saved = run.steps.length
      }
    }
    run.save()
  } catch (error) {
    // Stopping keeps what was learned; a number that is not finite keeps the last good state, which the state still is.
    if (run.steps.length > saved && isAppError(error) && ['job.cancelled', 'train.not_finite'].includes(error.code))
      run.save()
    throw error
  }
}

/** The adapter in PEFT's layout. */
async function exportAdapter({ folder, job, layout }: JobContext, state: AdapterState): Promise<void> {
  const { rank, alpha, dropout, modules } = layout.spec
  const tensors = layout.tensors.map((t) => ({
    name: peftTensorName(t.path, t.factor),
    shape: [...t.shape],
    data: state.values.subarray(t.offset, t.offset + t.size),
  }))
  const targets = modules.map((m) => m.slice(m.indexOf('.') + 1))
  const config = { rank, alpha, dropout, targets, baseModelId: job.model.id, taskType: 'CAUSAL_LM' }
  await exportPeft(folder.adapter, { config, tensors, fingerprint: job.model.fingerprint, replace: true })
}
