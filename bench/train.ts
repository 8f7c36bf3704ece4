import type { Command } from 'commander'
import { matmulSpeed } from '../core/app/job/self-test.ts'
import { memoryBudget } from '../core/app/runs/prepare.ts'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import { integer, list, number, word } from '../core/cli/usage.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { TARGETS } from '../core/contract/recipe/index.ts'
import { AppError, randomStream, systemClock } from '../core/kit/index.ts'
import { adapterLayout, type ModelConfig, modulesOf, parameterCount } from '../core/models/index.ts'
import { adapterState, initialAdapter, planTraining, type SharedRows, shareRows, train } from '../core/train/index.ts'
import { stepFlops } from './flops.ts'
import { type MachineReport, machineReport, peakMemory, threadsOf } from './machine.ts'
import { appOptions, type BaseModel, loadBase, modelPath } from './model.ts'
import { renderResult } from './render.ts'
import { EXCLUDED_STEPS, type Pace, paceOf, type Step } from './statistics.ts'
import { textsIn } from './texts.ts'
import { invalidValue } from './usage.ts'

export interface TrainSettings {
  readonly model: string
  readonly batch: number
  /** Tokens of every row. */
  readonly seq: number
  /** Share of a row's tokens that are predicted, from its end; the first token never is. */
  readonly supervised: number
  readonly precision: 'auto' | 'fp32' | 'int8' | 'int4'
  /** Steps that count; the excluded ones come on top. */
  readonly steps: number
  readonly targets: 'all-linear' | readonly string[]
  readonly dropout: number
  readonly threads: number
  readonly seed: number
}

export interface TrainResult extends Pace, MachineReport {
  readonly command: 'train'
  readonly model: string
  readonly precision: 'fp32'
  readonly batch: number
  readonly seq: number
  /** Predicted tokens of one step. */
  readonly supervisedTokens: number
  readonly lora: { readonly rank: number; readonly alpha: number; readonly dropout: number; readonly targets: string[] }
  readonly excludedSteps: number
  /** Of this process, which does all the work. */
  readonly peakMemoryBytes: number
  /** Useful operations; what a plan recomputes is not among them. */
  readonly flopsPerStep: number
  readonly flopsPerSecond: number
  /** The machine's own ceiling: best of float32 products before and after the steps. */
  readonly matmulFlopsPerSecond: number
  readonly shareOfMatmul: number
  readonly plan: {
    readonly bins: number
    readonly binLength: number
    readonly topLayers: number
    readonly microBatchesPerStep: number
  }
  readonly losses: readonly number[]
}

const RANK = 16
const ALPHA = 32

export function registerTrain(parent: Command, session: Session): void {
  const texts = textsIn(session.lang)
  parent
    .command('train')
    .description(texts.train)
    .requiredOption('--model <path>', texts.model)
    .option('--batch <n>', texts.batch, integer('--batch', 1), 4)
    .option('--seq <n>', texts.seq, integer('--seq', 2), 256)
    .option('--supervised <share>', texts.supervised, shareOfTokens, 1)
    .option('--precision <name>', texts.precision, precisionWord, 'auto')
    .option('--steps <n>', texts.steps, integer('--steps', 1), 8)
    .option('--targets <list>', texts.targets, targetList, 'all-linear')
    .option('--dropout <p>', texts.dropout, number('--dropout', 0, 0.9), 0)
    .action((options: Omit<TrainSettings, 'threads' | 'seed'>, command: Command) => {
      const { threads, seed } = command.optsWithGlobals<CommonOptions>()
      return session.work(command, {
        call: (io) => {
          if (options.precision === 'int8' || options.precision === 'int4')
            throw new AppError('feature.unavailable', { feature: `--precision ${options.precision}` })
          const model = modelPath(appOptions(session, command), options.model)
          return benchTrain({ ...options, model, threads: threadsOf(threads), seed: seed ?? 42 }, io)
        },
        render: renderResult,
      })
    })
}

const precisionWord = word('--precision', ['auto', 'fp32', 'int8', 'int4'])
const namedTargets = list('--targets', TARGETS)
const targetList = (value: string): 'all-linear' | readonly string[] =>
  value === 'all-linear' ? value : namedTargets(value)

function shareOfTokens(value: string): number {
  const share = number('--supervised', 0, 1)(value)
  if (share === 0) throw invalidValue('--supervised', value, '0 < number ≤ 1')
  return share
}

/** Trains LoRA on synthetic rows without a shared prefix, with the plan that the product would choose. Errors: `model.*`, `engine.*`. */
export async function benchTrain(settings: TrainSettings, io: AppIo): Promise<TrainResult> {
  const base = loadBase(settings.model, io)
  if (settings.seq > base.config.maxPositions)
    throw invalidValue('--seq', String(settings.seq), `integer 2…${base.config.maxPositions}`)
  const ceiling = await matmulSpeed(settings.threads)
  const run = await runSteps(base, settings, io)
  const peakMemoryBytes = peakMemory()
  const matmulFlopsPerSecond = Math.max(ceiling, await matmulSpeed(settings.threads))
  const pace = paceOf(run.steps)!
  const flopsPerSecond = run.flopsPerStep / pace.secondsPerStep
  const { batch, seq, dropout } = settings
  return {
    command: 'train',
    model: settings.model,
    precision: 'fp32',
    batch,
    seq,
    supervisedTokens: run.supervisedTokens,
    lora: { rank: RANK, alpha: ALPHA, dropout, targets: [settings.targets].flat() },
    ...pace,
    excludedSteps: EXCLUDED_STEPS,
    peakMemoryBytes,
    flopsPerStep: run.flopsPerStep,
    flopsPerSecond,
    matmulFlopsPerSecond,
    shareOfMatmul: flopsPerSecond / matmulFlopsPerSecond,
    plan: run.plan,
    losses: run.losses,
    ...machineReport(settings.threads),
  }
}

/** Rows of random tokens; the answer is the end of each row. */
export function syntheticRows(config: ModelConfig, settings: TrainSettings, count: number): SharedRows {
  const { seq, seed } = settings
  const answer = Math.min(seq - 1, Math.max(1, Math.round(settings.supervised * seq)))
  const random = randomStream(seed, 'bench-rows')
  const rows = Array.from({ length: count }, () => ({
    ids: Uint32Array.from({ length: seq }, () => random.int(config.vocab)),
    answers: [[seq - answer, seq]] as const,
    weight: 1,
  }))
  return shareRows(rows, 'off')
}

interface Steps extends Pick<TrainResult, 'plan' | 'flopsPerStep' | 'supervisedTokens' | 'losses'> {
  readonly steps: readonly Step[]
}

async function runSteps({ config, weights }: BaseModel, settings: TrainSettings, io: AppIo): Promise<Steps> {
  const { batch, seq, threads, seed } = settings
  const total = EXCLUDED_STEPS + settings.steps
  const rows = syntheticRows(config, settings, batch * total)
  const order = { rows: batch * total, batchSize: batch, epochs: 1, maxSteps: null, shuffle: false, seed }
  const lora = { rank: RANK, alpha: ALPHA, dropout: settings.dropout, modules: modulesOf(settings.targets) }
  const layout = adapterLayout(config, lora)
  const state = adapterState(initialAdapter(layout, seed))
  const plan = planTraining({ config, lora, rows, order, threads, memoryBytes: memoryBudget(parameterCount(config)) })
  const reports = train({
    sources: { config, weights, adapter: { layout, values: state.values } },
    plan,
    rows,
    order,
    schedule: { kind: 'constant', learningRate: 2e-4, warmup: 0.1 },
    weightDecay: 0.01,
    maxGradNorm: 1,
    state,
    firstStep: 0,
    cancel: io.cancel,
  })
  const steps: Step[] = []
  const losses: number[] = []
  let supervisedTokens = 0
  let at = systemClock.seconds()
  for await (const report of reports) {
    const now = systemClock.seconds()
    steps.push({ rows: report.rows, tokens: report.tokens, seconds: now - at })
    at = now
    losses.push(report.loss)
    supervisedTokens = report.supervisedTokens
    io.progress({ stage: 'tune', done: steps.length, total, unit: 'steps', loss: report.loss })
  }
  const { bins, binLength } = plan.layout
  return {
    steps,
    losses,
    supervisedTokens,
    flopsPerStep: stepFlops(config, lora, { batch, seq, predicted: supervisedTokens }),
    plan: { bins, binLength, topLayers: plan.topLayers, microBatchesPerStep: plan.microBatchesPerStep },
  }
}
