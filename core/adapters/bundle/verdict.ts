import type { BundleManifest, BundleParent } from '../../contract/domain/bundle.ts'
import {
  compareFingerprints,
  type FingerprintVerdict,
  type ModelFingerprint,
} from '../../contract/domain/fingerprint.ts'
import { AppError } from '../../kit/index.ts'
import { toBase64 } from '../keys/ed25519.ts'
import type { TrustLookup } from '../keys/trust.ts'
import type { BundleProblem, Examination } from './examine.ts'
import { ADAPTER_WEIGHTS } from './manifest.ts'

export type SignatureVerdict = 'trusted' | 'valid-unknown-signer' | 'revoked' | 'altered' | 'unsigned'

/** `unknown`: no base model is registered here that it could be compared with. */
export type BaseVerdict = FingerprintVerdict | 'unknown'

export interface LocalModel {
  readonly id: string
  readonly fingerprint: ModelFingerprint
}

export interface SignatureFinding {
  readonly verdict: SignatureVerdict
  readonly keyId: string | null
  /** The signer's name in the own trust store; never the name the bundle claims. */
  readonly signer: string | null
  readonly revokedAt: string | null
  readonly problems: readonly BundleProblem[]
}

export interface BaseFinding {
  readonly verdict: BaseVerdict
  /** The registered model that fits best, where one fits. */
  readonly model: string | null
}

/** What a bundle says about itself. Only as true as its signature. */
export interface Passport {
  readonly name: string
  readonly created: string
  readonly author: { readonly name: string; readonly keyId: string }
  readonly base: { readonly id: string; readonly fingerprint: ModelFingerprint }
  readonly recipeHash: string
  readonly data: Readonly<Record<string, unknown>>
  readonly metrics: Readonly<Record<string, unknown>>
  readonly parents: readonly BundleParent[]
  readonly codeVersion: string
  readonly adapterSha256: string
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

export function passportOf(manifest: BundleManifest): Passport {
  const { name, created, author, base, recipeHash, data, metrics, parents, codeVersion, files } = manifest
  return {
    name,
    created,
    author: { name: author.name, keyId: author.keyId },
    base: { id: base.id, fingerprint: base.fingerprint },
    recipeHash,
    data,
    metrics,
    parents,
    codeVersion,
    adapterSha256: files.find((file) => file.path === ADAPTER_WEIGHTS)?.sha256 ?? '',
    files: files.map(({ path, size }) => ({ path, size })),
  }
}

/** Altered outweighs everything, then unsigned, then what the trust store says about the key. */
export function judgeSignature({ signature, isSigned, problems }: Examination, trust: TrustLookup): SignatureFinding {
  const keyId = signature?.keyId ?? null
  const known = signature ? trust.find(signature.keyId) : undefined
  // Two keys can share a 64-bit id by intent; only the whole key is the signer.
  const isSigner = known !== undefined && signature !== null && known.publicKey === toBase64(signature.publicKey)
  const finding = { keyId, signer: isSigner ? known.name : null, revokedAt: null, problems }
  if (problems.length > 0) return { ...finding, verdict: 'altered', signer: null }
  if (!isSigned) return { ...finding, verdict: 'unsigned' }
  if (!isSigner) return { ...finding, verdict: 'valid-unknown-signer' }
  if (known.revoked !== null) return { ...finding, verdict: 'revoked', revokedAt: known.revoked }
  return { ...finding, verdict: 'trusted' }
}

/** Looks for the best match among the registered models: exact, else another precision, else different. */
export function judgeBase(fingerprint: ModelFingerprint | null, models: readonly LocalModel[]): BaseFinding {
  if (!fingerprint || models.length === 0) return { verdict: 'unknown', model: null }
  const judged = models.map(({ id, fingerprint: local }) => ({ id, verdict: compareFingerprints(fingerprint, local) }))
  for (const verdict of ['exact', 'same-other-precision'] as const) {
    const match = judged.find((model) => model.verdict === verdict)
    if (match) return { verdict, model: match.id }
  }
  return { verdict: 'different', model: null }
}

/**
 * Refuses an adapter made for another base model; the verdict of one that may be loaded is returned, to be shown.
 * @throws adapter.base_different
 */
export function assertBaseFits(
  adapter: { name: string; fingerprint: ModelFingerprint },
  model: LocalModel,
): Exclude<FingerprintVerdict, 'different'> {
  const verdict = compareFingerprints(adapter.fingerprint, model.fingerprint)
  if (verdict === 'different') throw new AppError('adapter.base_different', { adapter: adapter.name, model: model.id })
  return verdict
}
