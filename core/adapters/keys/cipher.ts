import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import type { IdentityFile } from '../../contract/domain/keys.ts'
import { AppError, canonicalJson } from '../../kit/index.ts'

type Protection = Extract<IdentityFile['protection'], { kind: 'scrypt-aes-256-gcm' }>
type Header = Pick<IdentityFile, 'id' | 'name' | 'publicKey' | 'created'>

/** scrypt at N = 2^17, r = 8, p = 1: 128 MiB and a fraction of a second a guess (the OWASP recommendation). */
const COST = 131072
const CIPHER = 'aes-256-gcm'

/** Encrypts the private key; the header is bound to it, so a changed name or public key fails like a wrong passphrase. */
export function encryptKey(pkcs8: Uint8Array, passphrase: string, header: Header) {
  const parameters = { kind: 'scrypt-aes-256-gcm', cost: COST, blockSize: 8, parallelism: 1 } as const
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const cipher = createCipheriv(CIPHER, derive(passphrase, salt, COST), iv)
  cipher.setAAD(boundHeader(header))
  const key = Buffer.concat([cipher.update(pkcs8), cipher.final()]).toString('base64')
  const tag = cipher.getAuthTag().toString('base64')
  const protection: Protection = { ...parameters, salt: salt.toString('base64'), iv: iv.toString('base64'), tag }
  return { key, protection }
}

/** @throws keys.passphrase_wrong, also when the file was changed (the two cannot be told apart) */
export function decryptKey(file: Header & { key: string; protection: Protection }, passphrase: string): Uint8Array {
  const { salt, iv, tag, cost } = file.protection
  try {
    const secret = derive(passphrase, Buffer.from(salt, 'base64'), cost)
    const decipher = createDecipheriv(CIPHER, secret, Buffer.from(iv, 'base64'), { authTagLength: 16 })
    decipher.setAAD(boundHeader(file))
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    return Buffer.concat([decipher.update(Buffer.from(file.key, 'base64')), decipher.final()])
  } catch (cause) {
    throw new AppError('keys.passphrase_wrong', { id: file.id }, { cause })
  }
}

function derive(passphrase: string, salt: Uint8Array, cost: number): Buffer {
  // One passphrase typed on two systems can differ in its code points; NFKC makes them equal (RFC 8265).
  const options = { N: cost, r: 8, p: 1, maxmem: 160 * 8 * cost }
  return scryptSync(passphrase.normalize('NFKC'), salt, 32, options)
}

function boundHeader({ id, name, publicKey, created }: Header): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ id, name, publicKey, created }))
}
