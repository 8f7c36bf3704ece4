import { canonicalJson } from '../../kit/index.ts'
import { fromBase64, keyIdOf, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, toBase64, verifyBytes } from '../keys/ed25519.ts'
import type { Signer } from '../keys/identity.ts'

/** `signature.json`: Ed25519 over the exact bytes of `manifest.json`. */
export interface BundleSignature {
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

/** Signs manifest bytes; the file is canonical JSON. */
export function signManifest(manifest: Uint8Array, signer: Signer): Uint8Array {
  return encode({ keyId: signer.id, publicKey: signer.publicKey, signature: signer.sign(manifest) })
}

function encode({ keyId, publicKey, signature }: BundleSignature): Uint8Array {
  const file = { algorithm: 'ed25519', keyId, publicKey: toBase64(publicKey), signature: toBase64(signature) }
  return new TextEncoder().encode(canonicalJson(file))
}

/**
 * Reads `signature.json`; null when it is not exactly what `signManifest` writes for some key, byte for byte, so that
 * no byte of it can be changed without being noticed. The key id must be the digest of the key.
 */
export function parseSignature(bytes: Uint8Array): BundleSignature | null {
  let file: Record<string, unknown> | null
  try {
    file = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
  const text = (key: string): string => (typeof file?.[key] === 'string' ? (file[key] as string) : '')
  const publicKey = fromBase64(text('publicKey'), PUBLIC_KEY_BYTES)
  const signature = fromBase64(text('signature'), SIGNATURE_BYTES)
  if (!publicKey || !signature) return null
  const parsed = { keyId: keyIdOf(publicKey), publicKey, signature }
  return Buffer.compare(encode(parsed), bytes) === 0 ? parsed : null
}

/** True when the signature belongs to exactly these manifest bytes. */
export function isSignatureValid(manifest: Uint8Array, { publicKey, signature }: BundleSignature): boolean {
  return verifyBytes(manifest, publicKey, signature)
}
