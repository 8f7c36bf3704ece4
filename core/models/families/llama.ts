import type { Family } from './family.ts'
import { refuseOption } from './fields.ts'

/** Llama 2 and 3, SmolLM2 and others that use exactly this computation. */
export const llama: Family = {
  name: 'llama',
  modelTypes: ['llama'],
  ggufArchitecture: 'llama',
  ggufPermutesQueryKey: true,
  features(f) {
    if (f.bool('attention_bias', false)) refuseOption('llama', 'attention_bias', true)
    return { qkvBias: false }
  },
}
