import { randomStream } from '../../core/kit/index.ts'
import type { AdapterState, Checkpoint } from '../../core/train/index.ts'

export const planHash = 'a'.repeat(64)

/** A checkpoint whose numbers all depend on its step. */
export function checkpointOf(step: number, size = 48): Checkpoint & { state: AdapterState } {
  const random = randomStream(step, 'checkpoint')
  const array = (): Float32Array => Float32Array.from({ length: size }, () => random.normal())
  const state = { values: array(), gradient: new Float32Array(size), firstMoment: array(), secondMoment: array() }
  return { step, planHash, state, history: Array.from({ length: step }, (_, i) => ({ step: i, loss: 1 / (i + 1) })) }
}
