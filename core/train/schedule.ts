/** How the learning rate moves over a run of `steps` steps. */
export interface ScheduleSettings {
  readonly kind: 'cosine' | 'linear' | 'constant'
  readonly learningRate: number
  /** Share of all steps, or a number of steps when above 1. */
  readonly warmup: number
  readonly steps: number
}

/** W: steps of the linear warm-up. */
export function warmupSteps({ warmup, steps }: ScheduleSettings): number {
  return warmup > 1 ? Math.round(warmup) : Math.max(1, Math.round(warmup * steps))
}

/**
 * Learning rate of step k (from 0) of N with W warm-up steps: k < W: lr·(k+1)/W; afterwards
 * cosine lr·½(1 + cos π(k−W)/(N−W)), linear lr·(N−k)/(N−W), constant lr.
 */
export function learningRateAt(settings: ScheduleSettings, k: number): number {
  const { kind, learningRate, steps: N } = settings
  const W = warmupSteps(settings)
  if (k < W) return (learningRate * (k + 1)) / W
  switch (kind) {
    case 'constant':
      return learningRate
    case 'linear':
      return (learningRate * (N - k)) / (N - W)
    case 'cosine':
      return learningRate * 0.5 * (1 + Math.cos((Math.PI * (k - W)) / (N - W)))
  }
}
