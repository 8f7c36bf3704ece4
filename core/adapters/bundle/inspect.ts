import { openZip, type ZipArchive } from '../../formats/zip/index.ts'
import { AppError, sha256 } from '../../kit/index.ts'
import type { TrustLookup } from '../keys/trust.ts'
import { type Examination, examine } from './examine.ts'
import {
  type BaseFinding,
  judgeBase,
  judgeSignature,
  type LocalModel,
  type Passport,
  passportOf,
  type SignatureFinding,
} from './verdict.ts'

/** What this machine knows: whose signatures count and which base models are here. */
export interface Surroundings {
  readonly trust: TrustLookup
  readonly localFingerprints: readonly LocalModel[]
}

export interface BundleInspection {
  /** Null when the manifest was altered, because then nothing it says counts. */
  readonly passport: Passport | null
  readonly signature: SignatureFinding
  readonly base: BaseFinding
  /** Identifies the bundle's contents, however it is packed; null when altered. */
  readonly manifestSha256: string | null
}

/**
 * Judges a bundle without unpacking it or loading its adapter.
 * @throws format.zip.* for a broken or hostile archive, bundle.manifest_missing, bundle.manifest_invalid,
 * bundle.schema_newer, bundle.kind_unknown; an altered or unsigned bundle is a verdict, not an error
 */
export async function inspectBundle(path: string, surroundings: Surroundings): Promise<BundleInspection> {
  const zip = await openZip(path)
  try {
    return judge(await examine(zip), surroundings)
  } finally {
    zip.close()
  }
}

export function judge(examination: Examination, { trust, localFingerprints }: Surroundings): BundleInspection {
  const { manifest, manifestBytes, problems } = examination
  const isIntact = manifest !== null && problems.length === 0
  return {
    passport: manifest ? passportOf(manifest) : null,
    signature: judgeSignature(examination, trust),
    base: judgeBase(manifest?.base.fingerprint ?? null, localFingerprints),
    manifestSha256: isIntact && manifestBytes ? sha256(manifestBytes) : null,
  }
}

/**
 * The gate of the hand-over: why this bundle may not be imported, or null when it may. `requireTrusted` also refuses a
 * valid signature by someone who is not in the trust store.
 */
export function refusalOf(inspection: BundleInspection, requireTrusted = false): AppError | null {
  const { signature, base, passport } = inspection
  const facts = { name: passport?.name ?? '', keyId: signature.keyId ?? '', signer: signature.signer ?? '' }
  switch (signature.verdict) {
    case 'altered': {
      const [problem] = signature.problems
      return new AppError(problem?.code ?? 'bundle.signature_invalid', { path: problem?.path ?? '' })
    }
    case 'unsigned':
      return new AppError('bundle.unsigned', facts)
    case 'revoked':
      return new AppError('bundle.revoked', { ...facts, revoked: signature.revokedAt })
    case 'valid-unknown-signer':
      if (requireTrusted) return new AppError('bundle.signer_unknown', facts)
      break
    case 'trusted':
      break
  }
  if (base.verdict !== 'different') return null
  return new AppError('adapter.base_different', { adapter: facts.name, model: passport?.base.id ?? '' })
}

/** Opens a bundle, passes it through the gate and hands the open archive on. @throws as `inspectBundle`, and the refusal */
export async function withAcceptedBundle<T>(
  path: string,
  gate: Surroundings & { readonly requireTrusted?: boolean },
  use: (bundle: { zip: ZipArchive; examination: Examination; inspection: BundleInspection }) => Promise<T>,
): Promise<T> {
  const zip = await openZip(path)
  try {
    const examination = await examine(zip)
    const inspection = judge(examination, gate)
    const refusal = refusalOf(inspection, gate.requireTrusted)
    if (refusal) throw refusal
    return await use({ zip, examination, inspection })
  } finally {
    zip.close()
  }
}
