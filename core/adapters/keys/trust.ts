import { join } from 'node:path'
import { publicKeyFileSchema, type TrustedKey, trustFileSchema } from '../../contract/domain/keys.ts'
import { AppError, type Clock, diskFiles, isoTime, systemClock, writeAtomic } from '../../kit/index.ts'
import { parseJson, prettyJson, readSmallFile } from '../smallFile.ts'
import { fromBase64, keyIdOf } from './ed25519.ts'
import { hasIdentity, showIdentity } from './identity.ts'
import { checkPermissions } from './permissions.ts'

/** A key that this workspace knows; `own` is its own identity, trusted unless revoked. */
export interface KnownKey extends TrustedKey {
  readonly own: boolean
}

/** What judging a signature needs of a trust store. */
export interface TrustLookup {
  find(keyId: string): KnownKey | undefined
}

export interface TrustStore extends TrustLookup {
  /** Sorted by name, then id. */
  list(): KnownKey[]
  /** Trusts the key in a public key file. @throws keys.public_invalid, keys.revoked, keys.id_collision */
  trust(path: string): KnownKey
  /** Ends trust in a key for good; revoking twice changes nothing. @throws keys.unknown */
  revoke(keyId: string): KnownKey
}

const MAX_PUBLIC_FILE = 16 * 1024
const MAX_TRUST_FILE = 16 * 1024 * 1024

/**
 * The trust store of a workspace's keys folder, read anew by every call so that two windows agree.
 * @throws keys.trust_invalid, keys.permissions_open
 */
export function openTrustStore(folder: string, clock: Clock = systemClock): TrustStore {
  const path = join(folder, 'trust.json')
  const list = (): KnownKey[] => withOwn(folder, readTrust(path)).sort(byNameThenId)
  const save = (key: TrustedKey): void => {
    const others = readTrust(path).filter((known) => known.id !== key.id)
    const keys = [...others, key].sort((a, b) => (a.id < b.id ? -1 : 1))
    diskFiles.makeFolder(folder)
    diskFiles.remove(`${path}.partial`)
    writeAtomic(path, prettyJson({ schemaVersion: 1, kind: 'airlock-trust', keys }))
  }
  const find = (keyId: string): KnownKey | undefined => list().find((key) => key.id === keyId)
  return {
    list,
    find,
    trust(file) {
      const { id, name, publicKey } = readPublicKey(file)
      const known = find(id)
      if (known && known.publicKey !== publicKey) throw new AppError('keys.id_collision', { id, name: known.name })
      if (known?.revoked) throw new AppError('keys.revoked', { id, name: known.name, revoked: known.revoked })
      if (known) return known
      const key: TrustedKey = { id, name, publicKey, added: isoTime(clock.now()), revoked: null }
      save(key)
      return { ...key, own: false }
    },
    revoke(keyId) {
      const known = find(keyId)
      if (!known) throw new AppError('keys.unknown', { id: keyId.slice(0, 32) })
      if (known.revoked) return known
      const { own, ...key } = { ...known, revoked: isoTime(clock.now()) }
      save(key)
      return { ...key, own }
    },
  }
}

function readPublicKey(path: string): { id: string; name: string; publicKey: string } {
  const parsed = publicKeyFileSchema.safeParse(parseJson(readSmallFile(path, MAX_PUBLIC_FILE, 'keys.public_invalid')))
  const raw = parsed.success ? fromBase64(parsed.data.publicKey, 32) : null
  if (!parsed.success || !raw || keyIdOf(raw) !== parsed.data.id) throw new AppError('keys.public_invalid', { path })
  return parsed.data
}

function readTrust(path: string): TrustedKey[] {
  if (!diskFiles.exists(path)) return []
  checkPermissions(path, 'guarded')
  const parsed = trustFileSchema.safeParse(parseJson(readSmallFile(path, MAX_TRUST_FILE, 'keys.trust_invalid')))
  if (!parsed.success) throw new AppError('keys.trust_invalid', { path })
  for (const { id, publicKey } of parsed.data.keys) {
    const raw = fromBase64(publicKey, 32)
    if (!raw || keyIdOf(raw) !== id) throw new AppError('keys.trust_invalid', { path })
  }
  return parsed.data.keys
}

/** Adds the workspace's own identity, which needs no entry until it is revoked. */
function withOwn(folder: string, keys: readonly TrustedKey[]): KnownKey[] {
  const own = hasIdentity(folder) ? showIdentity(folder) : undefined
  const known = keys.map((key): KnownKey => ({ ...key, own: key.publicKey === own?.publicKey }))
  if (own && !known.some((key) => key.own)) {
    const { id, name, publicKey, created } = own
    known.push({ id, name, publicKey, added: created, revoked: null, own: true })
  }
  return known
}

function byNameThenId(a: KnownKey, b: KnownKey): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.id < b.id ? -1 : 1
}
