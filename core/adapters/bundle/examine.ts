import type { BundleFile, BundleManifest } from '../../contract/domain/bundle.ts'
import { printable, type ZipArchive, type ZipEntry } from '../../formats/zip/index.ts'
import { AppError, isAppError, sha256Stream } from '../../kit/index.ts'
import { MANIFEST, parseManifest, SIGNATURE } from './manifest.ts'
import { type BundleSignature, isSignatureValid, parseSignature } from './signature.ts'

const MAX_MANIFEST = 4 * 1024 * 1024
const MAX_SIGNATURE = 16 * 1024

/** One way in which a bundle differs from what was signed. The code is in the error catalogue. */
export interface BundleProblem {
  readonly code:
    | 'bundle.signature_invalid'
    | 'bundle.file_missing'
    | 'bundle.file_unlisted'
    | 'bundle.file_size'
    | 'bundle.file_digest'
  readonly path: string
}

export interface Examination {
  /** Null when the manifest is altered beyond reading. */
  readonly manifest: BundleManifest | null
  readonly manifestBytes: Uint8Array | null
  /** Null when there is none or it cannot be read. */
  readonly signature: BundleSignature | null
  readonly isSigned: boolean
  readonly problems: readonly BundleProblem[]
}

/**
 * Compares an open archive with its manifest and the manifest with its signature, streaming every file through
 * SHA-256. Nothing of the adapter is interpreted.
 * @throws bundle.manifest_missing, and bundle.manifest_invalid, bundle.schema_newer or bundle.kind_unknown when the
 * signature holds (or is absent) but the manifest is not one this release understands
 */
export async function examine(zip: ZipArchive): Promise<Examination> {
  const manifestEntry = zip.find(MANIFEST)
  if (!manifestEntry) throw new AppError('bundle.manifest_missing', {})
  const signatureEntry = zip.find(SIGNATURE)
  const manifestBytes = await readSmall(zip, manifestEntry, MAX_MANIFEST)
  const signatureBytes = signatureEntry && (await readSmall(zip, signatureEntry, MAX_SIGNATURE))
  const signature = signatureBytes ? parseSignature(signatureBytes) : null
  const isSigned = signatureEntry !== undefined
  const holds = manifestBytes !== null && signature !== null && isSignatureValid(manifestBytes, signature)
  if (!manifestBytes || (isSigned && !holds)) {
    const code = manifestBytes ? 'bundle.signature_invalid' : 'bundle.file_digest'
    const path = manifestBytes ? SIGNATURE : MANIFEST
    return { manifest: null, manifestBytes, signature, isSigned, problems: [{ code, path }] }
  }
  const manifest = parseManifest(manifestBytes)
  const problems: BundleProblem[] = []
  if (signature && manifest.author.keyId !== signature.keyId) {
    problems.push({ code: 'bundle.signature_invalid', path: SIGNATURE })
  }
  problems.push(...unlisted(zip, manifest))
  for (const file of manifest.files) {
    const problem = await judge(zip, file)
    if (problem) problems.push(problem)
  }
  return { manifest, manifestBytes, signature, isSigned, problems }
}

/** Files that nobody signed. Folder entries count as listed when a listed file lies in them. */
function unlisted(zip: ZipArchive, manifest: BundleManifest): BundleProblem[] {
  const listed = new Set([MANIFEST, SIGNATURE, ...manifest.files.map((file) => file.path)])
  const isListed = ({ name, isFolder }: ZipEntry): boolean =>
    isFolder ? manifest.files.some((file) => file.path.startsWith(name)) : listed.has(name)
  return zip.entries
    .filter((entry) => !isListed(entry))
    .map((entry) => ({ code: 'bundle.file_unlisted', path: printable(entry.name) }))
}

async function judge(zip: ZipArchive, file: BundleFile): Promise<BundleProblem | null> {
  const path = printable(file.path)
  const entry = zip.find(file.path)
  if (!entry) return { code: 'bundle.file_missing', path }
  if (entry.size !== file.size) return { code: 'bundle.file_size', path }
  const digest = sha256Stream()
  const whole = await orDamaged(zip.scan(entry, (chunk) => digest.update(chunk)).then(() => true))
  return whole && digest.hex() === file.sha256 ? null : { code: 'bundle.file_digest', path }
}

async function readSmall(zip: ZipArchive, entry: ZipEntry, limit: number): Promise<Uint8Array | null> {
  if (entry.size > limit) throw new AppError('bundle.manifest_invalid', { place: entry.name })
  return orDamaged(zip.read(entry))
}

/** Contents that do not unpack to what the archive declares are altered contents, not a broken archive. */
async function orDamaged<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    const damaged = ['format.zip.crc', 'format.zip.inflate', 'format.zip.size_lie']
    if (isAppError(error) && damaged.includes(error.code)) return null
    throw error
  }
}
