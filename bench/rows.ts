import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { appContext } from '../core/app/context.ts'
import type { FromJob } from '../core/app/job/messages.ts'
import type { ProcessPort } from '../core/app/ports.ts'
import { type LoadedRecipe, loadRecipe, recipeModel } from '../core/app/recipe.ts'
import { executeJob } from '../core/app/runs/execute.ts'
import { prepareRun } from '../core/app/runs/prepare.ts'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import { integer } from '../core/cli/usage.ts'
import type { AppOptions } from '../core/contract/app.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { nodeProcesses } from '../core/host/index.ts'
import { AppError, type CancelToken, callerPath, isAppError } from '../core/kit/index.ts'
import type { TrainPlan } from '../core/train/index.ts'
import { type MachineReport, machineReport, threadsOf } from './machine.ts'
import { appOptions, modelPath } from './model.ts'
import { renderResult } from './render.ts'
import { EXCLUDED_STEPS, type Pace, paceOf, type Step } from './statistics.ts'
import { textsIn } from './texts.ts'

export interface RowsResult extends Pace, MachineReport {
  readonly command: 'rows'
  readonly recipe: string
  readonly model: string
  readonly excludedSteps: number
  /** Steps of the whole recipe. */
  readonly recipeSteps: number
  /** Of the process tree (this process and the job's), shared pages once; null where the platform cannot tell. */
  readonly peakMemoryBytes: number | null
  readonly precision: TrainPlan['precision']
  readonly plan: TrainPlan
  readonly planHash: string
  /** Of every step that ran, the excluded ones too. */
  readonly losses: readonly number[]
}

export function registerRows(parent: Command, session: Session): void {
  const texts = textsIn(session.lang)
  parent
    .command('rows')
    .description(texts.rows)
    .requiredOption('--recipe <file>', texts.recipe)
    .option('--steps <n>', texts.recipeSteps, integer('--steps', 1))
    .action((options: { recipe: string; steps?: number }, command: Command) =>
      session.work(command, {
        call: (io) => {
          const { seed } = command.optsWithGlobals<CommonOptions>()
          const path = callerPath(options.recipe)
          const loaded = loadRecipe(path, { seed: seed ?? null })
          const input = { recipe: path, loaded, steps: options.steps ?? null }
          return benchRows(input, appOptions(session, command), io)
        },
        render: renderResult,
      }),
    )
}

export interface RowsInput {
  /** Path of the recipe, for the report. */
  readonly recipe: string
  readonly loaded: LoadedRecipe
  /** Steps that count; null: all of the recipe. */
  readonly steps: number | null
}

/**
 * The training part of a recipe on the product's own path: data steps, store and job folder in a workspace that is
 * removed afterwards, plan and training in a job process. The run ends when enough steps are measured, so that its plan
 * and schedule are those of the whole recipe. Errors: those of `tune`; `recipe.invalid` for one that is too short.
 */
export async function benchRows(input: RowsInput, options: AppOptions, io: AppIo): Promise<RowsResult> {
  const wanted = recipeModel(input.loaded)
  const model = 'path' in wanted ? wanted.path : modelPath(options, wanted.id)
  const workspace = mkdtempSync(join(tmpdir(), 'airlock-bench-'))
  try {
    const loaded = { ...input.loaded, recipe: { ...input.loaded.recipe, model } }
    return await measure({ ...input, loaded }, { ...options, workspace }, io)
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

async function measure(input: RowsInput, options: AppOptions, io: AppIo): Promise<RowsResult> {
  const memory = memoryWatch(nodeProcesses)
  const context = appContext(options, memory.processes)
  try {
    const { folder, job } = prepareRun(context, input.loaded, false, io)
    const run = stepCollector(input.steps, io)
    const onMessage = (message: FromJob): void => {
      run.onMessage(message)
      if (message.type === 'step') memory.sample()
    }
    try {
      await executeJob(context, { kind: 'tune', input: { folder }, onMessage }, { ...io, cancel: run.cancel })
    } catch (error) {
      // Measured enough is our own request to stop; every other one is the caller's.
      if (io.cancel.requested || !isAppError(error, 'job.cancelled')) throw error
    }
    const { plan, planHash, steps, losses } = run.collected()
    const pace = paceOf(steps)
    if (pace === null)
      throw new AppError('recipe.invalid', {
        path: 'train.maxSteps',
        expected: `integer ≥ ${EXCLUDED_STEPS + 1}`,
        got: plan.steps,
      })
    return {
      command: 'rows',
      recipe: input.recipe,
      model: job.model.path,
      ...pace,
      excludedSteps: EXCLUDED_STEPS,
      recipeSteps: plan.steps,
      peakMemoryBytes: memory.peak(),
      precision: plan.precision,
      plan,
      planHash,
      losses,
      ...machineReport(threadsOf(options.threads ?? undefined)),
    }
  } finally {
    context.close()
  }
}

interface MemoryWatch {
  readonly processes: ProcessPort
  /** Looks now, beside the product's own sampling; for jobs that are over before its first look. */
  sample(): void
  peak(): number | null
}

/** Notes what the product's own memory sampling sees, so that a run that is stopped early has its peak too. */
function memoryWatch(port: ProcessPort): MemoryWatch {
  let peak = 0
  let look = (): number | null => null
  const processes: ProcessPort = {
    ownMemory: () => port.ownMemory(),
    start() {
      const started = port.start()
      look = () => {
        const bytes = started.memory()
        if (bytes !== null) peak = Math.max(peak, bytes + port.ownMemory())
        return bytes
      }
      return { ...started, memory: look }
    },
  }
  return { processes, sample: () => void look(), peak: () => (peak === 0 ? null : peak) }
}

interface Collected {
  readonly plan: TrainPlan
  readonly planHash: string
  readonly steps: readonly Step[]
  readonly losses: readonly number[]
}

/** Collects the steps of a job and asks it to stop once enough of them are there. */
function stepCollector(
  wanted: number | null,
  io: AppIo,
): { onMessage(message: FromJob): void; readonly cancel: CancelToken; collected(): Collected } {
  let planned: Pick<Collected, 'plan' | 'planHash'> | null = null
  const steps: Step[] = []
  const losses: number[] = []
  const last = (): number => (wanted === null ? Number.POSITIVE_INFINITY : EXCLUDED_STEPS + wanted)
  const isEnough = (): boolean => steps.length >= last() || (planned !== null && planned.plan.steps <= EXCLUDED_STEPS)
  return {
    onMessage(message) {
      if (message.type === 'planned')
        planned = { plan: message.plan as unknown as TrainPlan, planHash: message.planHash }
      if (message.type !== 'step' || steps.length >= last()) return
      const { rows, tokens, seconds, loss } = message.step
      steps.push({ rows, tokens, seconds })
      losses.push(loss)
      const total = Math.min(last(), planned?.plan.steps ?? last())
      io.progress({ stage: 'tune', done: steps.length, total, unit: 'steps', loss, rowsPerSecond: rows / seconds })
    },
    cancel: {
      get requested() {
        return io.cancel.requested || isEnough()
      },
      throwIfRequested() {
        if (this.requested) throw new AppError('job.cancelled')
      },
    },
    collected() {
      if (planned === null) throw new AppError('internal.invariant', { message: 'the job ended without a plan' })
      return { ...planned, steps, losses }
    },
  }
}
