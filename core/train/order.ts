import { randomStream } from '../kit/index.ts'

/** Which rows each step sees: a pure function of (seed, step), so resuming needs one integer. */
export interface OrderSettings {
  readonly rows: number
  readonly batchSize: number
  readonly epochs: number
  readonly maxSteps: number | null
  readonly shuffle: boolean
  readonly seed: number
}

export function stepsPerEpoch({ rows, batchSize }: OrderSettings): number {
  return Math.ceil(rows / batchSize)
}

export function totalSteps(settings: OrderSettings): number {
  const all = Math.max(1, Math.ceil(stepsPerEpoch(settings) * settings.epochs))
  return settings.maxSteps === null ? all : Math.min(all, settings.maxSteps)
}

/** Row indices of one step; the last step of an epoch may be smaller. Epochs are shuffled anew unless told otherwise. */
export function batchOrder(settings: OrderSettings): (step: number) => readonly number[] {
  let cached: { epoch: number; order: readonly number[] } | null = null
  const perEpoch = stepsPerEpoch(settings)
  return (step) => {
    const epoch = Math.floor(step / perEpoch)
    if (cached?.epoch !== epoch) {
      const rows = Array.from({ length: settings.rows }, (_, i) => i)
      cached = { epoch, order: settings.shuffle ? randomStream(settings.seed, 'order', epoch).shuffle(rows) : rows }
    }
    const begin = (step % perEpoch) * settings.batchSize
    return cached.order.slice(begin, begin + settings.batchSize)
  }
}
