import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openIdentity } from '../adapters/index.ts'
import { codeOf, testIo, testPlace } from './app.testing.ts'
import type { AppContext } from './context.ts'
import { keysCreate, keysExport, keysList, keysRevoke, keysShow, keysTrust } from './keys.ts'

const place = testPlace()
const io = testIo()

/** Actions of the audit trail with their subjects, without the store's own. */
function trail(context: AppContext): { action: string; subject: string; detail: Record<string, unknown> }[] {
  const entries = context.store().read.audit.page()
  return entries.filter(({ action }) => action.startsWith('keys.'))
}

describe('the identity of a workspace', () => {
  it('is made once, shown, and stands in the audit trail', async () => {
    const context = place.workspace()
    const made = await keysCreate(context, { name: '李医生' }, io)
    expect(made).toMatchObject({ name: '李医生', status: 'own' })
    expect(Buffer.from(made.publicKey, 'base64')).toHaveLength(32)
    expect(await keysShow(context, {}, io)).toEqual(made)
    expect(await keysList(context, {}, io)).toEqual({ keys: [made] })
    expect(trail(context)).toMatchObject([
      {
        action: 'keys.create',
        subject: made.id,
        detail: { name: '李医生', publicKey: made.publicKey, encrypted: false },
      },
    ])
    expect(await codeOf(() => keysCreate(context, { name: 'again' }, io))).toBe('keys.exists')
    expect(await keysShow(context, {}, io)).toEqual(made)
    expect(trail(context)).toHaveLength(1)
    expect(context.store().verifyAudit()).toMatchObject({ ok: true })
  })

  it('is encrypted with the passphrase of the options', async () => {
    const context = place.workspace('w', { passphrase: 'correct horse' })
    const { id } = await keysCreate(context, { name: 'Li' }, io)
    expect(await codeOf(() => openIdentity(context.folders.keys))).toBe('keys.passphrase_required')
    expect(openIdentity(context.folders.keys, 'correct horse').id).toBe(id)
    expect(trail(context)[0]?.detail).toMatchObject({ encrypted: true })
    const text = readFileSync(join(context.folders.keys, 'identity.json'), 'utf8')
    expect(text).not.toContain('correct horse')
  })

  it('is not made in a workspace that another process owns', async () => {
    place.workspace('w').store()
    const second = place.workspace('w')
    expect(await codeOf(() => keysCreate(second, { name: 'Li' }, io))).toBe('store.in_use')
    expect(await codeOf(() => keysShow(second, {}, io))).toBe('keys.none')
  })

  it('asking changes nothing on disk', async () => {
    const context = place.workspace('empty')
    expect(await keysList(context, {}, io)).toEqual({ keys: [] })
    expect(await codeOf(() => keysShow(context, {}, io))).toBe('keys.none')
    expect(await codeOf(() => keysExport(context, { to: join(place.folder, 'k.json') }, io))).toBe('keys.none')
    expect(statSync(context.options.workspace, { throwIfNoEntry: false })).toBeUndefined()
  })
})

describe('the public key', () => {
  it('goes to a colleague, who trusts it', async () => {
    const [ann, ben] = [place.workspace('ann'), place.workspace('ben')]
    const made = await keysCreate(ann, { name: 'Ann' }, io)
    const to = join(place.folder, 'ann.json')
    expect(await keysExport(ann, { to: null }, io)).toEqual({ ...made, file: null })
    expect(await keysExport(ann, { to }, io)).toEqual({ ...made, file: to })
    expect(await codeOf(() => keysExport(ann, { to }, io))).toBe('keys.export_exists')
    expect(await codeOf(() => keysExport(ann, { to: place.folder }, io))).toBe('keys.export_exists')
    expect(readFileSync(to, 'utf8')).not.toContain(
      JSON.parse(readFileSync(join(ann.folders.keys, 'identity.json'), 'utf8')).key,
    )

    const trusted = { id: made.id, name: 'Ann', status: 'trusted', publicKey: made.publicKey }
    expect(await keysTrust(ben, { file: to }, io)).toEqual(trusted)
    expect(await keysTrust(ben, { file: to }, io)).toEqual(trusted)
    expect(await keysList(ben, {}, io)).toEqual({ keys: [trusted] })
    expect(trail(ben)).toMatchObject([{ action: 'keys.trust', subject: made.id, detail: { name: 'Ann' } }])
    expect(await keysTrust(ann, { file: to }, io)).toEqual(made)
    expect(trail(ann).map(({ action }) => action)).toEqual(['keys.create'])
  })

  it('is revoked for good, with the reason in the audit trail', async () => {
    const [ann, ben] = [place.workspace('ann'), place.workspace('ben')]
    const { id } = await keysCreate(ann, { name: 'Ann' }, io)
    const file = (await keysExport(ann, { to: join(place.folder, 'a.json') }, io)).file as string
    await keysTrust(ben, { file }, io)
    expect(await keysRevoke(ben, { id, reason: 'laptop lost' }, io)).toMatchObject({ id, status: 'revoked' })
    expect(await keysRevoke(ben, { id, reason: null }, io)).toMatchObject({ status: 'revoked' })
    expect(await codeOf(() => keysTrust(ben, { file }, io))).toBe('keys.revoked')
    expect(trail(ben).map(({ action }) => action)).toEqual(['keys.trust', 'keys.revoke'])
    expect(trail(ben)[1]?.detail).toMatchObject({ reason: 'laptop lost', name: 'Ann' })
    expect(await keysRevoke(ann, { id, reason: null }, io)).toMatchObject({ status: 'revoked' })
    expect(await keysShow(ann, {}, io)).toMatchObject({ id, status: 'revoked' })
  })

  it('is refused by name when unknown or damaged, and nothing is recorded', async () => {
    const ben = place.workspace('ben')
    const file = place.put('bad.json', '{"kind":"airlock-public-key"}')
    expect(await codeOf(() => keysTrust(ben, { file }, io))).toBe('keys.public_invalid')
    expect(await codeOf(() => keysRevoke(ben, { id: '0123456789abcdef', reason: null }, io))).toBe('keys.unknown')
    writeFileSync(file, '')
    expect(await codeOf(() => keysTrust(ben, { file }, io))).toBe('keys.public_invalid')
    expect(trail(ben)).toEqual([])
  })
})
