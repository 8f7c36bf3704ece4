import { AppError, type CancelToken } from '../kit/index.ts'
import { batchArrays, type StaticSources } from '../models/index.ts'
import { type AdapterState, adamW, clipFactor, gradientNorm } from './optimizer.ts'
import { batchOrder, type OrderSettings } from './order.ts'
import { stepMicroBatches, type TrainPlan } from './plan.ts'
import type { SharedRows } from './rows.ts'
import { learningRateAt, type ScheduleSettings } from './schedule.ts'
import { StepEngine } from './step-engine.ts'

/** What one finished step reports. */
export interface StepReport {
  readonly step: number
  readonly loss: number
  readonly learningRate: number
  /** Before clipping. */
  readonly gradNorm: number
  readonly rows: number
  /** Real tokens a plain unpadded trainer would have processed. */
  readonly tokens: number
  readonly supervisedTokens: number
}

export interface TrainInput {
  readonly sources: StaticSources
  readonly plan: TrainPlan
  readonly rows: SharedRows
  readonly order: OrderSettings
  readonly schedule: Omit<ScheduleSettings, 'steps'>
  readonly weightDecay: number
  readonly maxGradNorm: number | null
  /** `values` must be the very array behind `sources.adapter`. */
  readonly state: AdapterState
  /** First step to run: 0, or the step after a checkpoint. */
  readonly firstStep: number
  readonly cancel: CancelToken
}

/**
 * The training loop. Yields after every finished step, when `state` holds the updated adapter; the caller decides
 * about checkpoints. A non-finite loss or gradient ends the run before the update (`train.not_finite`), so the state
 * stays as good as it was after the previous step.
 */
export async function* train(input: TrainInput): AsyncGenerator<StepReport> {
  const { plan, rows, state } = input
  const schedule = { ...input.schedule, steps: plan.steps }
  const batchAt = batchOrder(input.order)
  const engine = await StepEngine.open(input.sources, { ...plan, seed: input.order.seed })
  try {
    for (let step = input.firstStep; step < plan.steps; step++) {
      input.cancel.throwIfRequested()
      const batch = batchAt(step)
      const loss = await accumulateStep(engine, input, batch, step)
      const gradNorm = gradientNorm(state.gradient)
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
        throw new AppError('train.not_finite', { step: step + 1, steps: plan.steps })
      const learningRate = learningRateAt(schedule, step)
      adamW(state, {
        learningRate,
        weightDecay: input.weightDecay,
        gradientScale: clipFactor(gradNorm, input.maxGradNorm),
        count: step + 1,
      })
      const tokens = batch.reduce((n, i) => n + rows.lengths[i]!, 0)
      const supervisedTokens = batch.reduce((n, i) => n + rows.sequences[i]!.predicted.length, 0)
      yield { step, loss, learningRate, gradNorm, rows: batch.length, tokens, supervisedTokens }
    }
  } finally {
    await engine.close()
  }
}

/** Gradient of one effective batch over all of its micro-batches; the loss is the weighted mean over all answer tokens. */
async function accumulateStep(
  engine: StepEngine,
  input: TrainInput,
  batch: readonly number[],
  step: number,
): Promise<number> {
  const { plan, rows, state } = input
  const total = batch.reduce((sum, i) => sum + rows.sequences[i]!.weight * rows.sequences[i]!.predicted.length, 0)
  state.gradient.fill(0)
  let loss = 0
  for (const [number, micro] of stepMicroBatches(batch, rows.sequences, plan.layout).entries()) {
    const bins = micro.map((bin) =>
      bin.map((i) => ({ ...rows.sequences[i]!, weight: rows.sequences[i]!.weight / total })),
    )
    const arrays = batchArrays(plan.layout, rows.prefix, bins)
    loss += await engine.accumulate(arrays, state.gradient, [step, number], input.cancel)
  }
  return loss
}
