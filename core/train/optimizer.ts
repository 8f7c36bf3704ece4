/** AdamW's fixed settings (Loshchilov and Hutter, 2019; the defaults of the field). */
const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** The flat trainable vector with its optimiser state; all four arrays have the adapter's size. */
export interface AdapterState {
  readonly values: Float32Array
  readonly gradient: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

export function adapterState(values: Float32Array): AdapterState {
  const size = values.length
  return {
    values,
    gradient: new Float32Array(size),
    firstMoment: new Float32Array(size),
    secondMoment: new Float32Array(size),
  }
}

/** L2 norm of the whole gradient vector, summed in float64. */
export function gradientNorm(gradient: Float32Array): number {
  let sum = 0
  for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!
  return Math.sqrt(sum)
}

export interface UpdateSettings {
  /** Learning rate of this step. */
  readonly learningRate: number
  /** Decoupled: values shrink by learningRate · weightDecay, independent of the gradient. */
  readonly weightDecay: number
  /** Factor on the gradient (clipping). */
  readonly gradientScale: number
  /** 1 for the first update (bias correction). */
  readonly count: number
}

/** One AdamW update in place; arithmetic in float64, state in float32. 4.9 M values take about 25 ms. */
export function adamW(state: AdapterState, settings: UpdateSettings): void {
  const { values, gradient, firstMoment, secondMoment } = state
  const { learningRate, gradientScale, count } = settings
  const decay = 1 - learningRate * settings.weightDecay
  const stepSize = learningRate / (1 - beta1 ** count)
  const rootCorrection = Math.sqrt(1 - beta2 ** count)
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i]! * gradientScale
    const m = beta1 * firstMoment[i]! + (1 - beta1) * g
    const v = beta2 * secondMoment[i]! + (1 - beta2) * g * g
    firstMoment[i] = m
    secondMoment[i] = v
    values[i] = values[i]! * decay - (stepSize * m) / (Math.sqrt(v) / rootCorrection + epsilon)
  }
}

/** Factor that brings a gradient of this norm down to `maxNorm`; 1 when it is small enough or clipping is off. */
export function clipFactor(norm: number, maxNorm: number | null): number {
  if (maxNorm === null || maxNorm <= 0) return 1
  return Math.min(1, maxNorm / (norm + 1e-6))
}
