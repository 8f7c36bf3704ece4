import { join } from 'node:path'
import { plainName } from '../../contract/domain/bundle.ts'
import { type IdentityFile, identityFileSchema, type PublicKeyFile } from '../../contract/domain/keys.ts'
import { AppError, type Clock, diskFiles, isoTime, systemClock, writeAtomic } from '../../kit/index.ts'
import { parseJson, prettyJson, readSmallFile } from '../smallFile.ts'
import { decryptKey, encryptKey } from './cipher.ts'
import { fromBase64, generateKeys, keyIdOf, loadPrivateKey, publicPartOf, signBytes, toBase64 } from './ed25519.ts'
import { checkPermissions } from './permissions.ts'

/** The signing identity of a workspace, without its secret. */
export interface Identity {
  readonly id: string
  readonly name: string
  /** Base64 of the 32 raw bytes. */
  readonly publicKey: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly encrypted: boolean
}

/** An unlocked identity that can sign. */
export interface Signer {
  readonly id: string
  readonly name: string
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

export interface CreateIdentity {
  /** The keys folder of the workspace. */
  readonly folder: string
  readonly name: string
  /** Encrypts the private key on disk; without it the file's mode (0600) is its only protection. */
  readonly passphrase?: string
  readonly clock?: Clock
}

const MAX_FILE = 16 * 1024

export const identityPath = (folder: string): string => join(folder, 'identity.json')

/**
 * Makes the signing identity of a workspace: one Ed25519 key pair in one file that only this account can read.
 * @throws keys.exists (an identity is never overwritten), keys.name_invalid, keys.passphrase_empty
 */
export function createIdentity({ folder, name, passphrase, clock = systemClock }: CreateIdentity): Identity {
  const path = identityPath(folder)
  if (diskFiles.exists(path)) throw new AppError('keys.exists', { path })
  if (!plainName.safeParse(name).success) throw new AppError('keys.name_invalid', {})
  if (passphrase === '') throw new AppError('keys.passphrase_empty', {})
  const { publicKey, pkcs8 } = generateKeys()
  const header = { id: keyIdOf(publicKey), name, publicKey: toBase64(publicKey), created: isoTime(clock.now()) }
  const secret =
    passphrase === undefined
      ? { protection: { kind: 'none' as const }, key: toBase64(pkcs8) }
      : encryptKey(pkcs8, passphrase, header)
  const file: IdentityFile = { schemaVersion: 1, kind: 'airlock-identity', ...header, ...secret }
  diskFiles.makeFolder(folder)
  diskFiles.remove(`${path}.partial`) // a left-over could carry wider rights than a new file gets
  writeAtomic(path, prettyJson(file))
  checkPermissions(path, 'private')
  return shown(file)
}

/** The identity of a workspace, without unlocking it. @throws keys.none, keys.file_invalid, keys.permissions_open */
export function showIdentity(folder: string): Identity {
  return shown(readIdentity(folder))
}

/** True when the workspace has an identity. */
export function hasIdentity(folder: string): boolean {
  return diskFiles.exists(identityPath(folder))
}

/** The public key file of an identity, to be handed to colleagues. */
export function publicKeyFile({ id, name, publicKey, created }: Identity): PublicKeyFile {
  return { schemaVersion: 1, kind: 'airlock-public-key', id, name, publicKey, created }
}

/** Writes the public key file of the workspace's identity. @throws as `showIdentity` */
export function exportPublic(folder: string, path: string): PublicKeyFile {
  const file = publicKeyFile(showIdentity(folder))
  writeAtomic(path, prettyJson(file))
  return file
}

/**
 * Unlocks the identity for signing.
 * @throws keys.none, keys.file_invalid, keys.permissions_open, keys.passphrase_required, keys.passphrase_wrong
 */
export function openIdentity(folder: string, passphrase?: string): Signer {
  const file = readIdentity(folder)
  const pkcs8 = unlock(file, passphrase)
  const publicKey = fromBase64(file.publicKey, 32)
  const invalid = (): never => {
    throw new AppError('keys.file_invalid', { path: identityPath(folder) })
  }
  try {
    const key = loadPrivateKey(pkcs8)
    // A public key that does not belong to the private one would make signatures nobody can check.
    if (!publicKey || Buffer.compare(publicPartOf(key), publicKey) !== 0) return invalid()
    return { id: file.id, name: file.name, publicKey, sign: (message) => signBytes(message, key) }
  } catch {
    return invalid()
  }
}

function unlock(file: IdentityFile, passphrase: string | undefined): Uint8Array {
  const { protection } = file
  if (protection.kind === 'none') return Buffer.from(file.key, 'base64')
  if (passphrase === undefined) throw new AppError('keys.passphrase_required', { id: file.id })
  return decryptKey({ ...file, protection }, passphrase)
}

function readIdentity(folder: string): IdentityFile {
  const path = identityPath(folder)
  if (!diskFiles.exists(path)) throw new AppError('keys.none', { folder })
  checkPermissions(path, 'private')
  const parsed = identityFileSchema.safeParse(parseJson(readSmallFile(path, MAX_FILE, 'keys.file_invalid')))
  const publicKey = parsed.success ? fromBase64(parsed.data.publicKey, 32) : null
  if (!parsed.success || !publicKey || keyIdOf(publicKey) !== parsed.data.id) {
    throw new AppError('keys.file_invalid', { path })
  }
  return parsed.data
}

function shown({ id, name, publicKey, created, protection }: IdentityFile): Identity {
  return { id, name, publicKey, created, encrypted: protection.kind !== 'none' }
}
