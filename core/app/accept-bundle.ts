import {
  type BundleInspection,
  extractBundle,
  openTrustStore,
  type Passport,
  readPeft,
  refusalOf,
} from '../adapters/index.ts'
import type { AirlockApp, Inspection } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { AppError, diskFiles, invariant } from '../kit/index.ts'
import type { Reader, Tx } from '../store/index.ts'
import type { AppContext } from './context.ts'
import { importedFolder, isIntact } from './imported-adapter.ts'
import { isBundle, judgeBundle } from './inspect-adapter.ts'
import type { FoundBase } from './known-models.ts'

/**
 * Registers a colleague's bundle after its verdict. What is altered, unsigned, signed by a revoked key or made for
 * another base model is refused (exit 4) and nothing changes; a valid signature by someone unknown is imported and said.
 * Importing the same bundle again gives the same adapter, with its files restored and its verdict renewed.
 * Errors: `adapter.folder_unsigned`, the gate's (`bundle.*`, `adapter.base_different`), `adapter.*`, `format.zip.*`.
 */
export async function importAdapter(
  context: AppContext,
  { file }: Parameters<AirlockApp['importAdapter']>[0],
  io: AppIo,
): Promise<Inspection & { adapter: string }> {
  if (!isBundle(file)) throw new AppError('adapter.folder_unsigned', { folder: file })
  const { inspection, found, base } = await judgeBundle(context, file, io)
  const refusal = refusalOf(found)
  if (refusal !== null) throw refusal
  const { passport, manifestSha256 } = found
  invariant(passport !== null && manifestSha256 !== null, 'an accepted bundle has a manifest')
  const id = adapterId(passport.name, manifestSha256)
  const store = context.store()
  const known = store.read.adapters.byId(id)
  if (known === undefined || !isIntact(context, known)) {
    await unpack(context, { file, id, manifestSha256, base })
    io.cancel.throwIfRequested()
  }
  store.write((tx) => register(tx, { id, path: importedFolder(context, id).adapter, passport, found }))
  return { ...inspection, adapter: id }
}

/** Says what it is and which: the adapter's name and the start of its manifest's digest. */
function adapterId(name: string, manifestSha256: string): string {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  const slug = words.join('-').slice(0, 40).replace(/-$/, '')
  return `${slug === '' ? 'adapter' : slug}-${manifestSha256.slice(0, 12)}`
}

interface Unpack {
  readonly file: string
  readonly id: string
  readonly manifestSha256: string
  readonly base: FoundBase
}

/** Unpacks through the gate once more, on the very bytes that are written, and reads the adapter to the end. */
async function unpack(context: AppContext, { file, id, manifestSha256, base }: Unpack): Promise<void> {
  const { root, adapter } = importedFolder(context, id)
  const trust = openTrustStore(context.folders.keys, context.clock)
  diskFiles.makeFolder(context.folders.adapters)
  const unpacked = await extractBundle(file, { folder: root, replace: true, trust, localFingerprints: base.models })
  try {
    // The file may have been exchanged since it was judged.
    if (unpacked.manifestSha256 !== manifestSha256) throw new AppError('bundle.file_digest', { path: 'manifest.json' })
    readPeft(adapter)
  } catch (error) {
    diskFiles.remove(root)
    throw error
  }
}

interface Registration {
  readonly id: string
  readonly path: string
  readonly passport: Passport
  readonly found: BundleInspection
}

function register(tx: Tx, { id, path, passport, found }: Registration): void {
  const { verdict, keyId } = found.signature
  const known = tx.adapters.byId(id)
  if (known === undefined) {
    tx.adapters.add({
      id,
      name: passport.name,
      parents: passport.parents.map((parent) => parentId(tx, parent.sha256)),
      path,
      baseFingerprint: { ...passport.base.fingerprint },
      sha256: passport.adapterSha256,
      imported: true,
      signer: keyId,
      verdict,
    })
    const { name, author, base, codeVersion } = passport
    const detail = { name, manifest: found.manifestSha256, signer: keyId, author: author.name, verdict, codeVersion }
    tx.audit({ action: 'adapter.import', subject: id, detail: { ...detail, base: base.id, fit: found.base.verdict } })
  } else if (known.verdict !== verdict) {
    tx.adapters.setVerdict(id, verdict)
    tx.audit({ action: 'adapter.verdict', subject: id, detail: { from: known.verdict, to: verdict, signer: keyId } })
  }
}

/** An adapter that this workspace has goes by its id, any other by the digest of its weights. */
function parentId({ adapters }: Pick<Reader, 'adapters'>, sha256: string): string {
  return adapters.bySha256(sha256)[0]?.id ?? sha256
}
