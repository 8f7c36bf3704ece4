import type { BundleManifest } from '../../contract/domain/bundle.ts'
import type { ZipArchive } from '../../formats/zip/index.ts'
import { AppError, invariant, sha256 } from '../../kit/index.ts'
import { type FolderTarget, writeFolder } from '../folder.ts'
import type { Examination } from './examine.ts'
import { type BundleInspection, type Surroundings, withAcceptedBundle } from './inspect.ts'
import { MANIFEST, SIGNATURE } from './manifest.ts'
import type { BundleInput } from './write.ts'

export interface ExtractBundle extends Surroundings, FolderTarget {
  /** Also refuse a valid signature by someone who is not trusted here. */
  readonly requireTrusted?: boolean
}

/**
 * Unpacks a bundle that passes the gate (signature, revocation, base model) into a new folder, whole or not at all.
 * Every file is digested again from the very bytes that are written.
 * @throws format.zip.*, bundle.*, adapter.base_different, adapter.folder_exists, adapter.write_failed
 */
export async function extractBundle(path: string, options: ExtractBundle): Promise<BundleInspection> {
  return withAcceptedBundle(path, options, async ({ zip, examination, inspection }) => {
    await writeFolder(options, (put) => eachFile(zip, examination, ({ path: name, data }) => put(name, data)))
    return inspection
  })
}

export interface ReadBundle {
  readonly manifest: BundleManifest
  /** Without manifest and signature, in manifest order. */
  readonly files: readonly BundleInput[]
  readonly inspection: BundleInspection
}

/** Reads a bundle that passes the gate into memory, for example to write it again. @throws as `extractBundle` */
export async function readBundle(
  path: string,
  gate: Surroundings & { readonly requireTrusted?: boolean },
): Promise<ReadBundle> {
  return withAcceptedBundle(path, gate, async ({ zip, examination, inspection }) => {
    const files: BundleInput[] = []
    const { manifest } = examination
    invariant(manifest, 'an accepted bundle has a manifest')
    const own = new Set([MANIFEST, SIGNATURE])
    await eachFile(zip, examination, (file) => {
      if (!own.has(file.path)) files.push(file)
    })
    return { manifest, files, inspection }
  })
}

async function eachFile(
  zip: ZipArchive,
  { manifest, manifestBytes }: Examination,
  take: (file: BundleInput) => void,
): Promise<void> {
  invariant(manifest && manifestBytes, 'an accepted bundle has a manifest')
  take({ path: MANIFEST, data: manifestBytes })
  for (const { path, size, sha256: digest } of [...manifest.files, { path: SIGNATURE, size: null, sha256: null }]) {
    const entry = zip.find(path)
    if (!entry) throw new AppError('bundle.file_missing', { path })
    const data = await zip.read(entry)
    if (size !== null && data.byteLength !== size) throw new AppError('bundle.file_size', { path })
    if (digest !== null && sha256(data) !== digest) throw new AppError('bundle.file_digest', { path })
    take({ path, data })
  }
}
