import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../contract/errors/index.ts'
import { canonicalJson, diskFiles, sha256 } from '../../kit/index.ts'
import { codeOf, draft, fingerprint, inFolder, person, tree } from '../adapters.testing.ts'
import {
  assertBaseFits,
  exportPublic,
  extractBundle,
  inspectBundle,
  openTrustStore,
  readBundle,
  readPeft,
  refusalOf,
  type TrustLookup,
  writeBundle,
} from '../index.ts'
import { bundleFiles, sampleBundle, unzip, zipForeign } from './bundle.testing.ts'

const nobody: TrustLookup = { find: () => undefined }
const here = { trust: nobody, localFingerprints: [] }
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

describe('writing', () => {
  it('has the layout of the interface: canonical manifest, sorted files, every digest true', () =>
    inFolder(async (folder) => {
      const { path, signer, manifest } = await sampleBundle(folder)
      const files = await unzip(path)
      expect([...files.keys()]).toEqual([
        'manifest.json',
        'signature.json',
        'adapter/adapter_config.json',
        'adapter/adapter_model.safetensors',
        'metrics.json',
        'recipe.yaml',
        'report.html',
      ])
      const bytes = text(files.get('manifest.json'))
      expect(bytes).toBe(canonicalJson(JSON.parse(bytes)))
      expect(JSON.parse(bytes)).toEqual(manifest)
      expect(manifest).toMatchObject({ ...draft, schemaVersion: 1, kind: 'adapter', author: { keyId: signer.id } })
      for (const file of manifest.files) {
        const data = files.get(file.path)
        expect([file.size, file.sha256]).toEqual([data?.length, sha256(data as Uint8Array)])
      }
      expect(JSON.parse(text(files.get('signature.json')))).toMatchObject({ algorithm: 'ed25519', keyId: signer.id })
      expect(tree(folder).filter((name) => name.includes('partial'))).toEqual([])
    }))

  it('gives equal bytes for equal input in any file order', () =>
    inFolder(async (folder) => {
      const one = await sampleBundle(folder)
      const path = join(folder, 'again.airlock')
      const files = bundleFiles().reverse()
      expect((await writeBundle({ path, manifest: draft, files, signer: one.signer })).sha256).toBe(one.sha256)
    }))

  it('never writes what a reader would refuse', () =>
    inFolder(async (folder) => {
      const { signer } = person(folder, 'a')
      const path = join(folder, 'x.airlock')
      const write = (manifest: object, files = bundleFiles()) =>
        codeOf(() => writeBundle({ path, manifest: { ...draft, ...manifest }, files, signer }))
      expect(await write({ base: { ...draft.base, id: '/home/me/model' } })).toBe('bundle.manifest_invalid')
      expect(await write({ recipeHash: 'x' })).toBe('bundle.manifest_invalid')
      expect(await write({ name: 'a\nb' })).toBe('bundle.manifest_invalid')
      expect(await write({ seed: 2 ** 60 })).toBe('bundle.manifest_invalid')
      expect(await write({}, bundleFiles().slice(0, 3))).toBe('bundle.manifest_invalid')
      expect(await write({}, [...bundleFiles(), { path: '../x', data: new Uint8Array(1) }])).toBe(
        'bundle.manifest_invalid',
      )
      expect(await write({}, [...bundleFiles(), { path: 'manifest.json', data: new Uint8Array(1) }])).toBe(
        'bundle.manifest_invalid',
      )
      expect(diskFiles.exists(path)).toBe(false)
    }))
})

describe('verdicts without loading', () => {
  it('signature: own, unknown, trusted, revoked', () =>
    inFolder(async (folder) => {
      const author = await sampleBundle(folder)
      const reader = person(folder, 'reader')
      const verdict = async (trust: TrustLookup) =>
        (await inspectBundle(author.path, { trust, localFingerprints: [] })).signature
      expect(await verdict(author.trust)).toMatchObject({ verdict: 'trusted', signer: 'author' })
      expect(await verdict(reader.trust)).toMatchObject({
        verdict: 'valid-unknown-signer',
        signer: null,
        keyId: author.signer.id,
      })
      exportPublic(author.keys, join(folder, 'card.json'))
      reader.trust.trust(join(folder, 'card.json'))
      expect(await verdict(reader.trust)).toMatchObject({ verdict: 'trusted', signer: 'author', problems: [] })
      reader.trust.revoke(author.signer.id)
      expect(await verdict(reader.trust)).toMatchObject({ verdict: 'revoked', revokedAt: '2026-01-02T03:04:05.000Z' })
    }))

  it('a key with the id of a trusted one but other bytes is not trusted', () =>
    inFolder(async (folder) => {
      const author = await sampleBundle(folder)
      const other = person(folder, 'other')
      const forged = { ...other.trust.list()[0], id: author.signer.id }
      const trust: TrustLookup = { find: (id) => (id === author.signer.id ? forged : undefined) }
      expect((await inspectBundle(author.path, { ...here, trust })).signature.verdict).toBe('valid-unknown-signer')
    }))

  it('unsigned: the signature taken away', () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const files = await unzip(path)
      files.delete('signature.json')
      writeFileSync(path, zipForeign(files))
      const inspection = await inspectBundle(path, { ...here, trust })
      expect(inspection.signature.verdict).toBe('unsigned')
      expect(refusalOf(inspection)).toMatchObject({ code: 'bundle.unsigned' })
      files.set('report.html', new Uint8Array(3))
      writeFileSync(path, zipForeign(files))
      expect((await inspectBundle(path, { ...here, trust })).signature.verdict).toBe('altered')
    }))

  it('packed again by another program, with the same contents: still valid', () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const before = await inspectBundle(path, { ...here, trust })
      writeFileSync(path, zipForeign(await unzip(path), [{ name: 'adapter/', mode: 0o040755 }]))
      expect(await inspectBundle(path, { ...here, trust })).toEqual(before)
    }))

  it('base: exact, other precision, different, unknown; the best of several', () =>
    inFolder(async (folder) => {
      const { path } = await sampleBundle(folder)
      const own = fingerprint('base')
      const quantised = fingerprint('base', { weights: sha256('q'), storage: 'Q4_1' })
      const verdict = async (...models: ReturnType<typeof fingerprint>[]) => {
        const localFingerprints = models.map((print, i) => ({ id: `m${i}`, fingerprint: print }))
        return (await inspectBundle(path, { trust: nobody, localFingerprints })).base
      }
      expect(await verdict()).toEqual({ verdict: 'unknown', model: null })
      expect(await verdict(own)).toEqual({ verdict: 'exact', model: 'm0' })
      expect(await verdict(quantised)).toEqual({ verdict: 'same-other-precision', model: 'm0' })
      expect(await verdict(fingerprint('other'))).toEqual({ verdict: 'different', model: null })
      expect(await verdict(fingerprint('other'), quantised, own)).toEqual({ verdict: 'exact', model: 'm2' })
      for (const change of ['architecture', 'tokenizer', 'chatTemplate', 'weights'] as const) {
        expect((await verdict(fingerprint('base', { [change]: sha256('x') }))).verdict).toBe('different')
        if (change === 'weights') continue
        const alsoQuantised = { ...quantised, [change]: sha256('x') }
        expect((await verdict(alsoQuantised)).verdict).toBe('different')
      }
    }))

  it('the passport tells the story', () =>
    inFolder(async (folder) => {
      const { path, signer } = await sampleBundle(folder)
      const { passport, manifestSha256 } = await inspectBundle(path, here)
      expect(passport).toMatchObject({
        name: '分诊 triage',
        author: { name: 'author', keyId: signer.id },
        base: { id: 'smollm2-135m-instruct', fingerprint: fingerprint('base') },
        metrics: draft.metrics,
        data: draft.data,
        recipeHash: draft.recipeHash,
        codeVersion: '0.1.0',
      })
      const files = await unzip(path)
      expect(passport?.adapterSha256).toBe(sha256(files.get('adapter/adapter_model.safetensors') as Uint8Array))
      expect(manifestSha256).toBe(sha256(files.get('manifest.json') as Uint8Array))
    }))
})

describe('extracting', () => {
  it('gives the files back whole, and the adapter loads', () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const out = join(folder, 'in', 'out')
      await extractBundle(path, { folder: out, trust, localFingerprints: [] })
      const files = await unzip(path)
      expect(tree(out)).toEqual([...files.keys(), 'adapter'].sort())
      for (const [name, data] of files) expect(sha256(diskFiles.read(join(out, name)))).toBe(sha256(data))
      expect(readPeft(join(out, 'adapter')).pairs).toHaveLength(2)
      const again = () => extractBundle(path, { folder: out, trust, localFingerprints: [] })
      expect(await codeOf(again)).toBe('adapter.folder_exists')
    }))

  it('the gate: revoked, unknown signer when trust is required, another base; all exit 4, nothing written', () =>
    inFolder(async (folder) => {
      const author = await sampleBundle(folder)
      const before = tree(folder)
      const out = join(folder, 'out')
      const models = (seed: string) => [{ id: 'local', fingerprint: fingerprint(seed) }]
      const attempt = (gate: object) =>
        codeOf(() => extractBundle(author.path, { folder: out, trust: author.trust, localFingerprints: [], ...gate }))
      expect(await attempt({ trust: nobody, requireTrusted: true })).toBe('bundle.signer_unknown')
      expect(await attempt({ localFingerprints: models('other') })).toBe('adapter.base_different')
      author.trust.revoke(author.signer.id)
      expect(tree(folder).filter((name) => name.startsWith('out'))).toEqual([])
      expect(await attempt({})).toBe('bundle.revoked')
      expect(tree(folder).filter((name) => !before.includes(name))).toEqual(['keys author/trust.json'])
      for (const code of ['bundle.signer_unknown', 'adapter.base_different', 'bundle.revoked', 'bundle.file_digest']) {
        expect(errorCatalogue[code]?.exit).toBe(4)
      }
      const quantised = fingerprint('base', { weights: sha256('q'), storage: 'Q8_0' })
      const accepting = { trust: nobody, localFingerprints: [{ id: 'q8', fingerprint: quantised }] }
      expect(await attempt(accepting)).toBe('accepted')
    }))

  it('assertBaseFits: says the precision, refuses another model', async () => {
    const adapter = { name: 'triage', fingerprint: fingerprint('base') }
    expect(assertBaseFits(adapter, { id: 'm', fingerprint: fingerprint('base') })).toBe('exact')
    const other = fingerprint('base', { weights: sha256('q'), storage: 'F16' })
    expect(assertBaseFits(adapter, { id: 'm', fingerprint: other })).toBe('same-other-precision')
    expect(await codeOf(() => assertBaseFits(adapter, { id: 'm', fingerprint: fingerprint('x') }))).toBe(
      'adapter.base_different',
    )
  })
})

describe('unknown manifest fields', () => {
  it('survive reading and writing again, at every level, byte for byte where nothing else changed', () =>
    inFolder(async (folder) => {
      const future = {
        ...draft,
        audit: { site: '北京', head: [1, 2.5, null, true, { deep: { deeper: 'x' } }] },
        base: { ...draft.base, licence: 'apache-2.0', fingerprint: { ...draft.base.fingerprint, vision: 'none' } },
        parents: [{ name: 'parent', sha256: sha256('p'), weight: 0.5 }],
        files: [{ path: 'metrics.json', size: 0, sha256: sha256('old'), note: 'kept' }],
        ...JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
      }
      const first = await sampleBundle(folder, future)
      const read = await readBundle(first.path, { trust: first.trust, localFingerprints: [] })
      const path = join(folder, 'second.airlock')
      const second = await writeBundle({ path, manifest: read.manifest, files: read.files, signer: first.signer })
      expect(second.sha256).toBe(first.sha256)
      const bytes = text((await unzip(path)).get('manifest.json'))
      for (const part of [
        '"site":"北京"',
        '"licence":"apache-2.0"',
        '"vision":"none"',
        '"weight":0.5',
        '"note":"kept"',
      ]) {
        expect(bytes).toContain(part)
      }
      expect(bytes).toContain('"__proto__":{"polluted":true}')
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    }))

  it('another signer takes over the authorship and keeps the rest', () =>
    inFolder(async (folder) => {
      const first = await sampleBundle(folder, {
        ...draft,
        audit: 'kept',
        author: undefined,
      } as unknown as typeof draft)
      const other = person(folder, 'other')
      const { manifest, files } = await readBundle(first.path, here)
      const withUnit = { ...manifest, author: { ...manifest.author, unit: 'cardiology' } }
      const path = join(folder, 'other.airlock')
      const second = await writeBundle({ path, manifest: withUnit, files, signer: other.signer })
      expect(second.manifest).toMatchObject({ audit: 'kept', author: { name: 'other', keyId: other.signer.id } })
      expect(second.manifest.author).not.toHaveProperty('unit')
      const store = openTrustStore(other.keys)
      expect((await inspectBundle(path, { trust: store, localFingerprints: [] })).signature.verdict).toBe('trusted')
    }))
})
