import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskFiles, sha256 } from '../../kit/index.ts'
import { codeOf, inFolder, stillClock, tree } from '../adapters.testing.ts'
import { createIdentity, exportPublic, openIdentity, openTrustStore, showIdentity } from '../index.ts'
import { keyIdOf, verifyBytes } from './ed25519.ts'

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')
const message = new TextEncoder().encode('manifest')
const readJson = (path: string) => JSON.parse(new TextDecoder().decode(diskFiles.read(path)))

describe('Ed25519 against the published vectors (RFC 8032, 7.1)', () => {
  const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
  const signature = hex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )

  it('accepts test 2 and refuses every changed bit of it', () => {
    expect(verifyBytes(hex('72'), publicKey, signature)).toBe(true)
    expect(verifyBytes(hex('73'), publicKey, signature)).toBe(false)
    for (let bit = 0; bit < 512; bit++) {
      const changed = Uint8Array.from(signature)
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(verifyBytes(hex('72'), publicKey, changed)).toBe(false)
    }
  })

  it('refuses keys and signatures of another length', () => {
    expect(verifyBytes(hex('72'), publicKey.subarray(1), signature)).toBe(false)
    expect(verifyBytes(hex('72'), publicKey, signature.subarray(1))).toBe(false)
  })

  it('names a key by the first 16 hex digits of its SHA-256', () => {
    expect(keyIdOf(publicKey)).toBe(sha256(publicKey).slice(0, 16))
  })
})

describe('identity', () => {
  it('is made once, shown without its secret, and signs', () =>
    inFolder(async (folder) => {
      const made = createIdentity({ folder, name: '李雷 (R&D)', clock: stillClock })
      expect(made).toMatchObject({ name: '李雷 (R&D)', created: '2026-01-02T03:04:05.000Z', encrypted: false })
      expect(showIdentity(folder)).toEqual(made)
      expect(Object.keys(made).sort()).toEqual(['created', 'encrypted', 'id', 'name', 'publicKey'])
      const signer = openIdentity(folder)
      expect(verifyBytes(message, Buffer.from(made.publicKey, 'base64'), signer.sign(message))).toBe(true)
      expect(await codeOf(() => createIdentity({ folder, name: 'again' }))).toBe('keys.exists')
      expect(showIdentity(folder)).toEqual(made)
      expect(tree(folder)).toEqual(['identity.json'])
    }))

  it('with a passphrase: opens with it alone, and no change of the file goes unnoticed', () =>
    inFolder(async (folder) => {
      const passphrase = 'Ｐａｓｓ 口令'
      const made = createIdentity({ folder, name: 'a', passphrase })
      expect(made.encrypted).toBe(true)
      const path = join(folder, 'identity.json')
      const file = readJson(path)
      expect(JSON.stringify(file)).not.toContain('MC4CAQAwBQYDK2Vw') // how every plain PKCS#8 Ed25519 key begins
      expect(openIdentity(folder, 'Pass 口令').id).toBe(made.id) // the same text after NFKC
      expect(await codeOf(() => openIdentity(folder, 'pass 口令'))).toBe('keys.passphrase_wrong')
      expect(await codeOf(() => openIdentity(folder))).toBe('keys.passphrase_required')
      writeFileSync(path, JSON.stringify({ ...file, name: 'somebody else' }))
      expect(await codeOf(() => openIdentity(folder, passphrase))).toBe('keys.passphrase_wrong')
      writeFileSync(path, JSON.stringify({ ...file, protection: { ...file.protection, cost: 2 ** 30 } }))
      expect(await codeOf(() => openIdentity(folder, passphrase))).toBe('keys.file_invalid')
    }))

  it('refuses an empty passphrase, an empty name and one that forges lines', () =>
    inFolder(async (folder) => {
      expect(await codeOf(() => createIdentity({ folder, name: 'a', passphrase: '' }))).toBe('keys.passphrase_empty')
      for (const name of ['', 'a\nb', 'a\u202eb', 'x'.repeat(201)]) {
        expect(await codeOf(() => createIdentity({ folder, name }))).toBe('keys.name_invalid')
      }
      expect(tree(folder)).toEqual([])
      expect(await codeOf(() => showIdentity(folder))).toBe('keys.none')
    }))

  it('refuses a private key that belongs to another public key', () =>
    inFolder(async (folder) => {
      createIdentity({ folder: join(folder, 'a'), name: 'a' })
      createIdentity({ folder: join(folder, 'b'), name: 'b' })
      const path = join(folder, 'a', 'identity.json')
      writeFileSync(path, JSON.stringify({ ...readJson(path), key: readJson(join(folder, 'b', 'identity.json')).key }))
      expect(await codeOf(() => openIdentity(join(folder, 'a')))).toBe('keys.file_invalid')
      writeFileSync(path, 'not JSON')
      expect(await codeOf(() => openIdentity(join(folder, 'a')))).toBe('keys.file_invalid')
    }))

  it.skipIf(process.platform === 'win32')('keeps its file private and refuses one that is not', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'identity.json')
      writeFileSync(`${path}.partial`, 'left over', { mode: 0o666 })
      createIdentity({ folder, name: 'a' })
      expect(statSync(path).mode & 0o777).toBe(0o600)
      for (const mode of [0o640, 0o604, 0o660, 0o644]) {
        chmodSync(path, mode)
        expect(await codeOf(() => openIdentity(folder))).toBe('keys.permissions_open')
      }
      chmodSync(path, 0o400)
      expect(await codeOf(() => openIdentity(folder))).toBe('accepted')
    }),
  )
})

describe('trust store', () => {
  it('trusts an exported key, revokes it for good, and survives being reopened', () =>
    inFolder(async (folder) => {
      const [mine, theirs] = [join(folder, 'mine'), join(folder, 'theirs')]
      const author = createIdentity({ folder: theirs, name: '韩梅梅', clock: stillClock })
      const card = join(folder, 'card.json')
      exportPublic(theirs, card)
      expect(readJson(card)).toEqual({
        schemaVersion: 1,
        kind: 'airlock-public-key',
        id: author.id,
        name: '韩梅梅',
        publicKey: author.publicKey,
        created: author.created,
      })
      const store = openTrustStore(mine, stillClock)
      expect(store.list()).toEqual([])
      expect(store.trust(card)).toMatchObject({ id: author.id, revoked: null, own: false })
      store.trust(card)
      expect(openTrustStore(mine).list()).toHaveLength(1)
      expect(store.revoke(author.id).revoked).toBe('2026-01-02T03:04:05.000Z')
      expect(openTrustStore(mine).find(author.id)?.revoked).toBe('2026-01-02T03:04:05.000Z')
      expect(await codeOf(() => store.trust(card))).toBe('keys.revoked')
      expect(await codeOf(() => store.revoke('0123456789abcdef'))).toBe('keys.unknown')
    }))

  it('counts the own identity as trusted until it is revoked', () =>
    inFolder((folder) => {
      const own = createIdentity({ folder, name: 'me', clock: stillClock })
      const store = openTrustStore(folder, stillClock)
      expect(store.list()).toMatchObject([{ id: own.id, own: true, revoked: null }])
      store.revoke(own.id)
      expect(store.list()).toMatchObject([{ id: own.id, own: true, revoked: '2026-01-02T03:04:05.000Z' }])
    }))

  it('refuses public key files that were changed', () =>
    inFolder(async (folder) => {
      createIdentity({ folder: join(folder, 'theirs'), name: 'a' })
      const card = join(folder, 'card.json')
      const good = exportPublic(join(folder, 'theirs'), card)
      const store = openTrustStore(join(folder, 'mine'))
      const other = Buffer.from(good.publicKey, 'base64')
      other[3] ^= 1
      const bad: unknown[] = [
        { ...good, publicKey: other.toString('base64') },
        { ...good, id: '0000000000000000' },
        { ...good, publicKey: good.publicKey.replace(/.=$/, 'B=') },
        { ...good, name: 'a\u001b[2J' },
        { ...good, kind: 'airlock-identity' },
        { ...good, extra: 1 },
        [],
        null,
      ]
      for (const file of bad) {
        writeFileSync(card, JSON.stringify(file))
        expect(await codeOf(() => store.trust(card))).toBe('keys.public_invalid')
      }
      writeFileSync(card, 'x'.repeat(100_000))
      expect(await codeOf(() => store.trust(card))).toBe('keys.public_invalid')
      expect(await codeOf(() => store.trust(join(folder, 'none.json')))).toBe('keys.public_invalid')
      expect(store.list()).toEqual([])
    }))

  it.skipIf(process.platform === 'win32')('refuses a store that others can change or that is damaged', () =>
    inFolder(async (folder) => {
      createIdentity({ folder: join(folder, 'theirs'), name: 'a' })
      exportPublic(join(folder, 'theirs'), join(folder, 'card.json'))
      const store = openTrustStore(folder)
      store.trust(join(folder, 'card.json'))
      const path = join(folder, 'trust.json')
      chmodSync(path, 0o622)
      expect(await codeOf(() => store.list())).toBe('keys.permissions_open')
      chmodSync(path, 0o600)
      const file = readJson(path)
      writeFileSync(path, JSON.stringify({ ...file, keys: [{ ...file.keys[0], id: '0000000000000000' }] }))
      expect(await codeOf(() => store.list())).toBe('keys.trust_invalid')
      writeFileSync(path, '{')
      expect(await codeOf(() => store.list())).toBe('keys.trust_invalid')
    }),
  )
})
