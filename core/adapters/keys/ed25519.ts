import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { sha256 } from '../../kit/index.ts'

/** Ed25519 (RFC 8032): raw public keys of 32 bytes, signatures of 64. */
export const PUBLIC_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

/** Key id: the first 16 hex digits of SHA-256 over the raw public key. */
export function keyIdOf(publicKey: Uint8Array): string {
  return sha256(publicKey).slice(0, 16)
}

/** A new key pair: raw public key and PKCS#8 DER of the private one. */
export function generateKeys(): { publicKey: Uint8Array; pkcs8: Uint8Array } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { publicKey: publicPartOf(privateKey), pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }) }
}

export function loadPrivateKey(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}

/** The raw public key that belongs to a private one. */
export function publicPartOf(privateKey: KeyObject): Uint8Array {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  return Buffer.from(jwk.x ?? '', 'base64url')
}

export function signBytes(message: Uint8Array, privateKey: KeyObject): Uint8Array {
  return sign(null, message, privateKey)
}

/** True when `signature` over exactly these bytes was made with the private half of `publicKey`. */
export function verifyBytes(message: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  const x = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, message, key, signature)
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Decodes base64 in its one canonical spelling; null for anything else (so no spare bit can be changed unseen). */
export function fromBase64(text: string, length: number): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}
