import { z } from 'zod'
import { plainName } from './bundle.ts'

const keyId = z.string().regex(/^[0-9a-f]{16}$/)
/** 32 raw bytes of an Ed25519 public key. */
const publicKey = z.base64().length(44)
const created = z.iso.datetime()

/** The small file that a colleague receives to trust someone's signatures. */
export const publicKeyFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('airlock-public-key'),
  /** First 16 hex digits of SHA-256 over the raw public key. */
  id: keyId,
  name: plainName,
  publicKey,
  created,
})
export type PublicKeyFile = z.infer<typeof publicKeyFileSchema>

/** Bounds on the key derivation keep a tampered file from asking for gigabytes of memory. */
const scryptSchema = z.strictObject({
  kind: z.literal('scrypt-aes-256-gcm'),
  cost: z.int().min(16384).max(1048576),
  blockSize: z.literal(8),
  parallelism: z.literal(1),
  salt: z.base64(),
  iv: z.base64(),
  tag: z.base64(),
})

/** The private key with its public part; `key` is PKCS#8 DER, plain or encrypted as `protection` says. */
export const identityFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('airlock-identity'),
  id: keyId,
  name: plainName,
  publicKey,
  created,
  protection: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('none') }), scryptSchema]),
  key: z.base64().max(400),
})
export type IdentityFile = z.infer<typeof identityFileSchema>

export const trustedKeySchema = z.strictObject({
  id: keyId,
  name: plainName,
  publicKey,
  /** When it was trusted here. */
  added: created,
  revoked: created.nullable(),
})
export type TrustedKey = z.infer<typeof trustedKeySchema>

export const trustFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('airlock-trust'),
  keys: z.array(trustedKeySchema).max(10_000),
})
