import type { BundleFile, BundleManifest } from '../../contract/domain/bundle.ts'
import { writeZip } from '../../formats/zip/index.ts'
import { sha256, writeAtomic } from '../../kit/index.ts'
import type { Signer } from '../keys/identity.ts'
import { encodeManifest, MANIFEST, parseManifest, SIGNATURE } from './manifest.ts'
import { signManifest } from './signature.ts'

/** A file of the bundle: `adapter/…`, `report.html`, `metrics.json`, `recipe.yaml` or anything else worth handing over. */
export interface BundleInput {
  readonly path: string
  readonly data: Uint8Array
}

/**
 * What the caller knows. A manifest read from another bundle fits as it is: its unknown members are kept, its
 * author, file list, version and kind are written anew.
 */
export type ManifestDraft = Omit<BundleManifest, 'schemaVersion' | 'kind' | 'author' | 'files'> & {
  readonly author?: BundleManifest['author']
  readonly files?: readonly BundleFile[]
}

export interface WriteBundle {
  /** `NAME.airlock`; replaced whole when it exists. */
  readonly path: string
  readonly manifest: ManifestDraft
  readonly files: readonly BundleInput[]
  readonly signer: Signer
}

export interface WrittenBundle {
  readonly path: string
  readonly manifest: BundleManifest
  /** Of the whole file. */
  readonly sha256: string
  readonly bytes: number
}

/**
 * Writes one signed bundle atomically. Equal input gives equal bytes.
 * @throws bundle.manifest_invalid, format.zip.* for paths that a reader would refuse
 */
export async function writeBundle({ path, manifest: draft, files, signer }: WriteBundle): Promise<WrittenBundle> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const manifest = complete(draft, sorted, signer)
  const bytes = encodeManifest(manifest)
  parseManifest(bytes) // what a reader would refuse is never written
  const archive = await writeZip([
    { name: MANIFEST, data: bytes },
    { name: SIGNATURE, data: signManifest(bytes, signer) },
    ...sorted.map((file) => ({ name: file.path, data: file.data })),
  ])
  writeAtomic(path, archive)
  return { path, manifest, sha256: sha256(archive), bytes: archive.byteLength }
}

function complete(draft: ManifestDraft, files: readonly BundleInput[], signer: Signer): BundleManifest {
  const earlier = new Map(draft.files?.map((file) => [file.path, file]))
  const sameAuthor = draft.author?.keyId === signer.id ? draft.author : {}
  return {
    ...draft,
    schemaVersion: 1,
    kind: 'adapter',
    author: { ...sameAuthor, name: signer.name, keyId: signer.id },
    files: files.map(({ path, data }) => ({
      ...earlier.get(path),
      path,
      size: data.byteLength,
      sha256: sha256(data),
    })),
  }
}
