import type { Family } from './family.ts'
import { refuseOption } from './fields.ts'

/** Qwen2 and Qwen2.5: Llama with biases on q, k and v. */
export const qwen2: Family = {
  name: 'qwen2',
  modelTypes: ['qwen2'],
  ggufArchitecture: 'qwen2',
  ggufPermutesQueryKey: false,
  features(f) {
    if (f.bool('use_sliding_window', false)) refuseOption('qwen2', 'use_sliding_window', true)
    return { qkvBias: true }
  },
}
