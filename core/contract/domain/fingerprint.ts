import { z } from 'zod'

/** SHA-256 digests as hex; empty where a model has no such part (for example no chat template). */
const digest = z.string().regex(/^([0-9a-f]{64})?$/)

/** What identifies a base model, wherever its files lie. Unknown members of a newer version are kept. */
export const modelFingerprintSchema = z.looseObject({
  /** Canonical configuration: family, widths, depths, rotary settings. */
  architecture: digest,
  /** Vocabulary, merges and special tokens. */
  tokenizer: digest,
  chatTemplate: digest,
  /** Sorted tensor names with shape, type and bytes. */
  weights: digest,
  /** How the weights are stored: F32, BF16, Q8_0, Q4_1, … */
  storage: z.string().regex(/^[A-Za-z0-9_+-]{1,64}$/),
})

export interface ModelFingerprint {
  readonly architecture: string
  readonly tokenizer: string
  readonly chatTemplate: string
  readonly weights: string
  readonly storage: string
}

/** `same-other-precision` may be loaded and must be said; `different` is refused. */
export type FingerprintVerdict = 'exact' | 'same-other-precision' | 'different'

/**
 * Compares two base models. Equal weights in equal storage are the same model. Other weights in another storage type
 * are taken for the same model in another precision when architecture, tokenizer and chat template agree: rounding to
 * another type changes every byte, so the digests cannot say more. Other weights in the same storage type are another
 * model (a different training of the same architecture), because storing one model twice in one type gives equal bytes.
 */
export function compareFingerprints(a: ModelFingerprint, b: ModelFingerprint): FingerprintVerdict {
  const sameShape =
    a.architecture !== '' &&
    a.tokenizer !== '' &&
    a.architecture === b.architecture &&
    a.tokenizer === b.tokenizer &&
    a.chatTemplate === b.chatTemplate
  if (!sameShape || a.weights === '') return 'different'
  if (a.weights === b.weights) return 'exact' // the digest covers the stored types as well
  return a.storage === b.storage || b.weights === '' ? 'different' : 'same-other-precision'
}

/** The parts of a fingerprint, in the order in which a difference is named. */
export const fingerprintParts = ['architecture', 'tokenizer', 'chatTemplate', 'weights', 'storage'] as const

/** The first part in which two fingerprints differ, or null. */
export function changedPart(a: ModelFingerprint, b: ModelFingerprint): (typeof fingerprintParts)[number] | null {
  return fingerprintParts.find((part) => a[part] !== b[part]) ?? null
}
