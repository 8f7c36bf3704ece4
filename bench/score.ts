import type { Command } from 'commander'
import { predictRows } from '../core/app/job/predict.ts'
import type { JobIo } from '../core/app/job/worker.ts'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import { integer } from '../core/cli/usage.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { parseRecipe } from '../core/contract/recipe/index.ts'
import { systemClock } from '../core/kit/index.ts'
import { type MachineReport, machineReport, peakMemory, threadsOf } from './machine.ts'
import { appOptions, loadBase, modelPath } from './model.ts'
import { renderResult } from './render.ts'
import { syntheticTask, TASK_LABELS, TASK_RECIPE } from './task.ts'
import { textsIn } from './texts.ts'

export interface ScoreSettings {
  readonly model: string
  readonly rows: number
  readonly threads: number
  readonly seed: number
}

export interface ScoreResult extends MachineReport {
  readonly command: 'score'
  readonly model: string
  readonly precision: 'fp32'
  readonly rows: number
  readonly labels: number
  /** From text to predictions, sessions opened on the way; loading the model is not counted. */
  readonly seconds: number
  readonly rowsPerSecond: number
  /** Labels scored a second. */
  readonly candidatesPerSecond: number
  /** Of this process, which does all the work. */
  readonly peakMemoryBytes: number
}

export function registerScore(parent: Command, session: Session): void {
  const texts = textsIn(session.lang)
  parent
    .command('score')
    .description(texts.score)
    .requiredOption('--model <path>', texts.model)
    .option('--rows <n>', texts.scoreRows, integer('--rows', 1), 96)
    .action((options: { model: string; rows: number }, command: Command) =>
      session.work(command, {
        call: (io) => {
          const { threads, seed } = command.optsWithGlobals<CommonOptions>()
          const model = modelPath(appOptions(session, command), options.model)
          return benchScore({ model, rows: options.rows, threads: threadsOf(threads), seed: seed ?? 42 }, io)
        },
        render: renderResult,
      }),
    )
}

/** Scores the labels of a built-in task as an evaluation does. Errors: `model.*`, `text.*`, `engine.*`. */
export async function benchScore(settings: ScoreSettings, io: AppIo): Promise<ScoreResult> {
  const { config, weights, language } = loadBase(settings.model, io)
  const model = { id: settings.model, config, weights, language: language() }
  const recipe = parseRecipe(TASK_RECIPE, { name: 'bench' })
  const rows = syntheticTask(settings.rows, settings.seed)
  const began = systemClock.seconds()
  const predictions = await predictRows(
    { config, weights, adapter: null },
    model,
    rows,
    { recipe, labels: TASK_LABELS, threads: settings.threads, stage: 'evaluateBase' },
    jobIo(io),
  )
  const seconds = systemClock.seconds() - began
  return {
    command: 'score',
    model: settings.model,
    precision: 'fp32',
    rows: predictions.length,
    labels: TASK_LABELS.length,
    seconds,
    rowsPerSecond: predictions.length / seconds,
    candidatesPerSecond: (predictions.length * TASK_LABELS.length) / seconds,
    peakMemoryBytes: peakMemory(),
    ...machineReport(settings.threads),
  }
}

/** A job's surroundings in this process: nobody listens to its messages. */
function jobIo({ cancel, progress, log }: AppIo): JobIo {
  return { cancel, progress, log, send: () => {}, nextQuestion: async () => null }
}
