import { describe, expect, it } from 'vitest'
import { compareFingerprints, type ModelFingerprint, modelFingerprintSchema } from './fingerprint.ts'

const digest = (digit: string): string => digit.repeat(64)
const base: ModelFingerprint = {
  architecture: digest('a'),
  tokenizer: digest('b'),
  chatTemplate: digest('c'),
  weights: digest('d'),
  storage: 'F32',
}

describe('compareFingerprints', () => {
  it.each<[string, Partial<ModelFingerprint>, string]>([
    ['the same files', {}, 'exact'],
    ['stored in another type', { weights: digest('e'), storage: 'Q4_1' }, 'same-other-precision'],
    ['trained further, same type', { weights: digest('e') }, 'different'],
    ['another architecture', { architecture: digest('e') }, 'different'],
    [
      'another architecture in another type',
      { architecture: digest('e'), weights: digest('f'), storage: 'F16' },
      'different',
    ],
    [
      'another tokenizer in another type',
      { tokenizer: digest('e'), weights: digest('f'), storage: 'F16' },
      'different',
    ],
    ['another chat template', { chatTemplate: digest('e') }, 'different'],
    ['another chat template in another type', { chatTemplate: '', weights: digest('f'), storage: 'F16' }, 'different'],
    ['weights unknown', { weights: '', storage: 'F16' }, 'different'],
  ])('%s: %s', (_what, change, verdict) => {
    const other = { ...base, ...change }
    expect(compareFingerprints(base, other)).toBe(verdict)
    expect(compareFingerprints(other, base)).toBe(verdict)
  })

  it('empty digests never make two models equal', () => {
    const empty = { architecture: '', tokenizer: '', chatTemplate: '', weights: '', storage: 'F32' }
    expect(compareFingerprints(empty, empty)).toBe('different')
  })

  it('two models without a chat template can be the same', () => {
    const bare = { ...base, chatTemplate: '' }
    expect(compareFingerprints(bare, { ...bare })).toBe('exact')
    expect(modelFingerprintSchema.safeParse(bare).success).toBe(true)
    expect(modelFingerprintSchema.safeParse({ ...bare, weights: 'short' }).success).toBe(false)
  })
})
