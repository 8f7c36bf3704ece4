import type { ModelFingerprint } from '../contract/domain/fingerprint.ts'
import type { TensorSource } from '../formats/tensor-source.ts'
import { canonicalJson, sha256, sha256Stream } from '../kit/index.ts'
import type { ModelConfig } from './config.ts'
import { inverseFrequencies } from './rope.ts'

/**
 * Digest of what is computed, however the file spells it: widths, depths and the rotary frequencies themselves
 * (four digits, because GGUF keeps some of them in float32). The context length changes nothing in the computation.
 */
export function architectureDigest(config: ModelConfig): string {
  const { family, layers, hidden, heads, kvHeads, headDim, ffn, vocab, rmsEpsilon, tied, qkvBias } = config
  const frequencies = [...inverseFrequencies(config)].map((f) => f.toPrecision(4))
  const epsilon = rmsEpsilon.toPrecision(6)
  return sha256(
    canonicalJson({ family, layers, hidden, heads, kvHeads, headDim, ffn, vocab, tied, qkvBias, epsilon, frequencies }),
  )
}

/** SHA-256 over sorted name, shape, dtype and stored bytes of every tensor in the file. */
export function weightsDigest(source: TensorSource, progress?: (done: number, total: number) => void): string {
  const hash = sha256Stream()
  const names = source.names()
  names.forEach((name, i) => {
    const { dtype, shape } = source.info(name)
    hash.update(`${canonicalJson([name, [...shape], dtype])}\n`)
    hash.update(source.readBytes(name))
    progress?.(i + 1, names.length)
  })
  return hash.hex()
}

/**
 * The storage type that holds most of the bytes, such as BF16 or Q4_1. The same weights have other names and row
 * orders in GGUF, so that container is part of how they are stored.
 */
export function storageType(source: TensorSource): string {
  const bytes = new Map<string, number>()
  for (const name of source.names()) {
    const { dtype, byteLength } = source.info(name)
    bytes.set(dtype, (bytes.get(dtype) ?? 0) + byteLength)
  }
  const largest = [...bytes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? 'none'
  return source.kind === 'gguf' ? `GGUF-${largest}` : largest
}

export interface FingerprintParts {
  readonly config: ModelConfig
  readonly source: TensorSource
  readonly tokenizerDigest: string
  readonly templateDigest: string
}

/** The identity of a base model, wherever its files lie. */
export function fingerprintOf(
  parts: FingerprintParts,
  progress?: (done: number, total: number) => void,
): ModelFingerprint {
  return {
    architecture: architectureDigest(parts.config),
    tokenizer: parts.tokenizerDigest,
    chatTemplate: parts.templateDigest,
    weights: weightsDigest(parts.source, progress),
    storage: storageType(parts.source),
  }
}
