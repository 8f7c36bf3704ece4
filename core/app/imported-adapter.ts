import { join } from 'node:path'
import { parseManifest } from '../adapters/bundle/manifest.ts'
import { isSignatureValid, parseSignature } from '../adapters/bundle/signature.ts'
import { openTrustStore } from '../adapters/index.ts'
import { toBase64 } from '../adapters/keys/ed25519.ts'
import { AppError, diskFiles, isAppError, sha256 } from '../kit/index.ts'
import type { Adapter } from '../store/index.ts'
import type { AppContext } from './context.ts'

/** Files of an imported bundle as it lies in the workspace. */
export interface ImportedFolder {
  readonly root: string
  readonly manifest: string
  readonly signature: string
  readonly recipe: string
  /** The PEFT folder: what the store names as the adapter's path. */
  readonly adapter: string
}

export function importedFolder(context: AppContext, id: string): ImportedFolder {
  const root = join(context.folders.adapters, id)
  return {
    root,
    manifest: join(root, 'manifest.json'),
    signature: join(root, 'signature.json'),
    recipe: join(root, 'recipe.yaml'),
    adapter: join(root, 'adapter'),
  }
}

/**
 * Judges an imported adapter again before it is used: every file must still be what was signed, and the signer must not
 * have been revoked since. Errors: `adapter.changed`, `bundle.revoked`.
 */
export function checkImported(context: AppContext, record: Adapter): void {
  const { keyId, publicKey } = checkSignedFiles(context, record)
  const known = openTrustStore(context.folders.keys, context.clock).find(keyId)
  if (known?.publicKey !== toBase64(publicKey) || known.revoked === null) return
  throw new AppError('bundle.revoked', { name: record.name, signer: known.name, keyId, revoked: known.revoked })
}

/** True when the files of an imported adapter are still those that were signed. */
export function isIntact(context: AppContext, record: Adapter): boolean {
  try {
    checkSignedFiles(context, record)
    return true
  } catch (error) {
    if (isAppError(error, 'adapter.changed')) return false
    throw error
  }
}

function checkSignedFiles(context: AppContext, record: Adapter): { keyId: string; publicKey: Uint8Array } {
  const folder = importedFolder(context, record.id)
  const changed = (path: string): never => {
    throw new AppError('adapter.changed', { adapter: record.id, path })
  }
  const manifestBytes = readIfThere(folder.manifest) ?? changed('manifest.json')
  const signature = parseSignature(readIfThere(folder.signature) ?? changed('signature.json'))
  // The signer is held against the store as well: a folder that someone else signed anew is not what was imported.
  if (signature === null || signature.keyId !== record.signer || !isSignatureValid(manifestBytes, signature)) {
    return changed('signature.json')
  }
  for (const { path, sha256: digest } of parseManifest(manifestBytes).files) {
    if (fileDigest(join(folder.root, path)) !== digest) changed(path)
  }
  if (fileDigest(join(folder.adapter, 'adapter_model.safetensors')) !== record.sha256) changed('manifest.json')
  return signature
}

/** SHA-256 of a file, null when it is not there. */
export function fileDigest(path: string): string | null {
  const bytes = readIfThere(path)
  return bytes === null ? null : sha256(bytes)
}

function readIfThere(path: string): Uint8Array | null {
  return diskFiles.exists(path) ? diskFiles.read(path) : null
}
