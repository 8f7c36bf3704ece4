import {
  createIdentity,
  exportPublic,
  type KnownKey,
  openTrustStore,
  showIdentity,
  type TrustStore,
} from '../adapters/index.ts'
import type { AirlockApp, KeySummary } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { AppError, diskFiles } from '../kit/index.ts'
import type { AppContext } from './context.ts'

/** Signing identity and trust store of the workspace. Every change stands in the audit trail with the key's id and name. */

type Input<Name extends keyof AirlockApp> = Parameters<AirlockApp[Name]>[0]

/**
 * Makes the workspace's signing identity, encrypted when a passphrase was given.
 * Errors: `keys.exists`, `keys.name_invalid`, `keys.passphrase_empty`.
 */
export async function keysCreate(context: AppContext, { name }: Input<'keysCreate'>, _io: AppIo): Promise<KeySummary> {
  const { folders, options, clock } = context
  const secret = options.passphrase === null ? {} : { passphrase: options.passphrase }
  // Inside the transaction, so that a workspace owned by another process gets no key without an entry.
  return context.store().write((tx) => {
    const made = createIdentity({ folder: folders.keys, name, clock, ...secret })
    const detail = { name: made.name, publicKey: made.publicKey, encrypted: made.encrypted }
    tx.audit({ action: 'keys.create', subject: made.id, detail })
    return { id: made.id, name: made.name, status: 'own', publicKey: made.publicKey }
  })
}

/** The workspace's identity without its secret. Errors: `keys.none`, `keys.file_invalid`, `keys.permissions_open`. */
export async function keysShow(context: AppContext, _input: Input<'keysShow'>, _io: AppIo): Promise<KeySummary> {
  const { id, name, publicKey } = showIdentity(context.folders.keys)
  const known = trustStore(context).find(id)
  return { id, name, publicKey, status: known?.publicKey === publicKey && known.revoked !== null ? 'revoked' : 'own' }
}

/** Writes the public key for colleagues to trust, or only shows it. Errors: as `keysShow`, `keys.export_exists`. */
export async function keysExport(
  context: AppContext,
  { to }: Input<'keysExport'>,
  io: AppIo,
): Promise<KeySummary & { file: string | null }> {
  const own = await keysShow(context, {}, io)
  if (to === null) return { ...own, file: null }
  if (diskFiles.exists(to)) throw new AppError('keys.export_exists', { path: to })
  exportPublic(context.folders.keys, to)
  return { ...own, file: to }
}

/** Trusts the key in a public key file. Errors: `keys.public_invalid`, `keys.revoked`, `keys.id_collision`. */
export async function keysTrust(context: AppContext, { file }: Input<'keysTrust'>, _io: AppIo): Promise<KeySummary> {
  return change(context, (trust) => trust.trust(file), { action: 'keys.trust' })
}

/** Ends trust in a key for good, the own one included. Errors: `keys.unknown`. */
export async function keysRevoke(
  context: AppContext,
  { id, reason }: Input<'keysRevoke'>,
  _io: AppIo,
): Promise<KeySummary> {
  const detail = reason === null ? {} : { reason }
  return change(context, (trust) => trust.revoke(id), { action: 'keys.revoke', detail })
}

/** Every key that is known here. */
export async function keysList(
  context: AppContext,
  _input: Input<'keysList'>,
  _io: AppIo,
): Promise<{ keys: KeySummary[] }> {
  return { keys: trustStore(context).list().map(summaryOf) }
}

/** Changes the trust store and says so in the audit trail; what was so already leaves no second entry. */
function change(
  context: AppContext,
  act: (trust: TrustStore) => KnownKey,
  entry: { action: string; detail?: Record<string, unknown> },
): KeySummary {
  return context.store().write((tx) => {
    const trust = trustStore(context)
    const before = trust.list()
    const key = act(trust)
    const same = before.find(({ id }) => id === key.id)
    if (same === undefined || same.revoked !== key.revoked) {
      const { action, detail } = entry
      tx.audit({ action, subject: key.id, detail: { name: key.name, publicKey: key.publicKey, ...detail } })
    }
    return summaryOf(key)
  })
}

function trustStore({ folders, clock }: AppContext): TrustStore {
  return openTrustStore(folders.keys, clock)
}

function summaryOf({ id, name, publicKey, revoked, own }: KnownKey): KeySummary {
  return { id, name, publicKey, status: revoked !== null ? 'revoked' : own ? 'own' : 'trusted' }
}
