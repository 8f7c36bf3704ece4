import type { RunDetails, RunState, RunSummary } from '../../contract/app.ts'
import type { Run } from '../../contract/domain/store.ts'
import type { AppIo } from '../../contract/progress.ts'
import type { RunResult } from '../../contract/result.ts'
import { AppError, isAppError, isoTime } from '../../kit/index.ts'
import { planHash, type TrainPlan } from '../../train/index.ts'
import { type AppContext, requireReader } from '../context.ts'
import { jobFolder, readPlan } from '../job/folder.ts'
import type { FromJob, TimedStep } from '../job/messages.ts'
import { loadRecipe } from '../recipe.ts'
import { executeJob } from './execute.ts'
import { finishRun } from './finish.ts'
import { prepareRun } from './prepare.ts'

/** The whole job from a recipe. */
export async function run(
  context: AppContext,
  input: { recipe: string; seed: number | null },
  io: AppIo,
): Promise<RunResult> {
  const prepared = prepareRun(context, loadRecipe(input.recipe, input), true, io)
  return executeRun(context, prepared.run, prepared.folder, io)
}

/** Tuning alone: no evaluation. */
export async function tune(
  context: AppContext,
  input: { recipe: string; seed: number | null },
  io: AppIo,
): Promise<RunResult> {
  const prepared = prepareRun(context, loadRecipe(input.recipe, input), false, io)
  return executeRun(context, prepared.run, prepared.folder, io)
}

/** Continues an interrupted run from its newest checkpoint to its end, evaluation, export and report included. */
export async function resume(context: AppContext, input: { run: string }, io: AppIo): Promise<RunResult> {
  const store = context.store()
  const record = store.read.runs.byId(input.run)
  if (record === undefined) throw new AppError('run.unknown', { run: input.run })
  if (record.state === 'done') throw new AppError('run.already_done', { run: input.run })
  return executeRun(context, input.run, record.jobFolder, io)
}

type Failure = Pick<AppError, 'code' | 'data'>

function changeState(context: AppContext, run: string, state: Run['state'], error?: Failure): void {
  const notes = error === undefined ? {} : { error: { code: error.code, data: JSON.parse(JSON.stringify(error.data)) } }
  context.store().write((tx) => {
    tx.runs.setState(run, state, notes)
    tx.audit({ action: `run.${state}`, subject: run, detail: error === undefined ? {} : { code: error.code } })
  })
}

async function executeRun(context: AppContext, run: string, folder: string, io: AppIo): Promise<RunResult> {
  changeState(context, run, 'running')
  const watcher = stepWatcher(context, run, io)
  try {
    const { peakMemoryBytes } = await executeJob(
      context,
      { kind: 'tune', input: { folder }, onMessage: watcher.onMessage },
      io,
    )
    watcher.flush()
    return await finishRun(context, run, peakMemoryBytes, io)
  } catch (error) {
    const end = endOf(run, error)
    try {
      watcher.flush()
      changeState(context, run, end.state, end.failure)
    } catch {
      // The first error is the cause; that it cannot be recorded (a full disk) must not hide it. The run then still
      // says "running", which `resume` understands.
    }
    throw end.error
  }
}

/** What an error makes of a run, and the error as the person sees it. */
function endOf(run: string, error: unknown): { state: Run['state']; failure?: Failure; error: unknown } {
  if (isAppError(error, 'job.cancelled'))
    return { state: 'interrupted', error: new AppError('run.cancelled', { run }, { cause: error }) }
  if (isAppError(error, 'job.process_died'))
    return { state: 'interrupted', error: new AppError('job.process_died', { ...error.data, run }) }
  const failure = isAppError(error) ? error : { code: 'internal.unexpected', data: {} }
  return { state: 'failed', failure, error }
}

/** Steps shown and stored: metrics go to the store in groups, so that a fast run is not slowed by its own diary. */
function stepWatcher(
  context: AppContext,
  run: string,
  io: AppIo,
): { onMessage(message: FromJob): void; flush(): void } {
  const waiting: TimedStep[] = []
  let plan: TrainPlan | null = null
  const recent: TimedStep[] = []
  const flush = (): void => {
    if (waiting.length === 0) return
    const metrics = waiting.splice(0).map(({ step, loss, learningRate, gradNorm, tokens, seconds }) => ({
      step,
      loss,
      learningRate,
      gradNorm,
      tokens,
      seconds,
    }))
    context.store().write((tx) => {
      tx.runs.addMetrics(run, metrics)
      tx.audit({ action: 'run.metrics', subject: run, detail: { through: metrics.at(-1)!.step } })
    })
  }
  return {
    flush,
    onMessage(message) {
      if (message.type === 'planned') {
        plan = message.plan as unknown as TrainPlan
        context.store().write((tx) => {
          tx.runs.setPlan(run, message.plan)
          tx.audit({ action: 'run.plan', subject: run, detail: { planHash: message.planHash } })
        })
      }
      if (message.type !== 'step') return
      const { step } = message
      waiting.push(step)
      recent.push(step)
      if (recent.length > 10) recent.shift()
      const seconds = recent.reduce((n, s) => n + s.seconds, 0)
      const total = plan?.steps ?? null
      io.progress({
        stage: 'tune',
        done: step.step + 1,
        total,
        unit: 'steps',
        loss: step.loss,
        rowsPerSecond: recent.reduce((n, s) => n + s.rows, 0) / seconds,
        tokensPerSecond: recent.reduce((n, s) => n + s.tokens, 0) / seconds,
        ...(total === null ? {} : { secondsLeft: ((total - step.step - 1) * seconds) / recent.length }),
      })
      if (waiting.length >= 20) flush()
    },
  }
}

const shownState: Readonly<Record<Run['state'], RunState>> = {
  queued: 'interrupted',
  running: 'running',
  interrupted: 'interrupted',
  cancelled: 'interrupted',
  failed: 'failed',
  done: 'finished',
}

export async function runs(context: AppContext): Promise<{ runs: RunSummary[] }> {
  const reader = context.reader()
  return { runs: reader === null ? [] : reader.runs.list().map((r) => summaryOf(context, r)) }
}

function summaryOf(context: AppContext, record: Run): RunSummary {
  const reader = context.reader()!
  const result = record.summary as unknown as RunResult | null
  const last = reader.runs.metrics(record.id).at(-1)
  return {
    run: record.id,
    project: reader.projects.byId(record.projectId)?.name ?? '',
    state: shownState[record.state],
    startedAt: isoTime(record.startedAt ?? record.queuedAt),
    step: last === undefined ? 0 : last.step + 1,
    steps: Number(record.plan?.steps ?? 0),
    macroF1: result?.evaluation?.tuned.macroF1 ?? null,
  }
}

export async function showRun(context: AppContext, input: { run: string }): Promise<RunDetails> {
  const record = requireReader(context, input.run).runs.byId(input.run)
  if (record === undefined) throw new AppError('run.unknown', { run: input.run })
  const plan = readPlan(jobFolder(record.jobFolder))
  return {
    ...summaryOf(context, record),
    folder: record.jobFolder,
    planHash: plan === null ? '' : planHash(plan),
    result: record.summary as unknown as RunResult | null,
  }
}
