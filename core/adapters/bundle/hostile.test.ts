import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RawSpec } from '../../formats/zip/rawZip.testing.ts'
import { canonicalJson } from '../../kit/index.ts'
import { codeOf, inFolder, person, tree } from '../adapters.testing.ts'
import { extractBundle, inspectBundle } from '../index.ts'
import { sampleBundle, unzip, zipCanonically, zipForeign } from './bundle.testing.ts'
import { signManifest } from './signature.ts'

type Files = Map<string, Uint8Array>
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const evil = bytes('evil')

/** Extracts a prepared bundle; reports the code and every path that appeared anywhere in the sandbox. */
async function attack(prepare: (files: Files, folder: string) => Uint8Array | Promise<Uint8Array>) {
  return inFolder(async (folder) => {
    const { path, trust } = await sampleBundle(folder)
    writeFileSync(path, await prepare(await unzip(path), folder))
    const before = tree(folder)
    const out = join(folder, 'inner', 'out')
    const code = await codeOf(() => extractBundle(path, { folder: out, trust, localFingerprints: [] }))
    return { code, appeared: tree(folder).filter((name) => !before.includes(name)) }
  })
}

const extra =
  (...specs: RawSpec[]) =>
  (files: Files) =>
    zipForeign(files, specs)
const edit = (change: (files: Files) => void) => (files: Files) => {
  change(files)
  return zipCanonically(files)
}

/** A manifest changed and signed again by a stranger, who is free to sign anything. */
function signedAgain(change: (manifest: Record<string, unknown>, files: Files) => void) {
  return (files: Files, folder: string) => {
    const { signer } = person(folder, 'stranger')
    const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json')))
    manifest.author.keyId = signer.id
    change(manifest, files)
    files.set('manifest.json', bytes(canonicalJson(manifest)))
    files.set('signature.json', signManifest(files.get('manifest.json')!, signer))
    return zipForeign(files)
  }
}

const zeros = new Uint8Array(80 * 1024 * 1024)

/** A manifest of raw text, properly signed by a stranger. */
const signedText = (text: string) => (files: Files, folder: string) => {
  files.set('manifest.json', bytes(text))
  files.set('signature.json', signManifest(bytes(text), person(folder, 'stranger').signer))
  return zipForeign(files)
}

describe('P-14: hostile bundles: refused by name, nothing written anywhere', () => {
  it.each<[string, string, (files: Files, folder: string) => Uint8Array | Promise<Uint8Array>]>([
    ['climbs out', 'format.zip.path_escape', extra({ name: '../escaped', data: evil })],
    ['climbs out from a folder', 'format.zip.path_escape', extra({ name: 'adapter/../../escaped', data: evil })],
    ['climbs out, Windows spelling', 'format.zip.path_escape', extra({ name: '..\\escaped', data: evil })],
    ['absolute', 'format.zip.path_absolute', extra({ name: '/tmp/escaped', data: evil })],
    ['drive letter', 'format.zip.path_absolute', extra({ name: 'C:\\escaped', data: evil })],
    ['link', 'format.zip.link', extra({ name: 'link', data: '/etc', mode: 0o120777 })],
    [
      'link, then a file through it',
      'format.zip.link',
      extra({ name: 'l', data: '..', mode: 0o120777 }, { name: 'l/x' }),
    ],
    ['the manifest twice', 'format.zip.duplicate', extra({ name: 'manifest.json', data: '{}' })],
    ['the adapter twice', 'format.zip.duplicate', extra({ name: 'adapter/adapter_config.json', data: '{}' })],
    ['other case', 'format.zip.case_collision', extra({ name: 'Manifest.JSON', data: '{}' })],
    ['a file where a folder is', 'format.zip.case_collision', extra({ name: 'adapter', data: evil })],
    ['device name', 'format.zip.name_invalid', extra({ name: 'adapter/NUL', data: evil })],
    ['honest bomb', 'format.zip.bomb', extra({ name: 'bomb', data: zeros, deflate: true })],
    ['claims 4 GiB', 'format.zip.too_large', extra({ name: 'bomb', deflate: true, size: 0xfffffff0 })],
    ['overlapping data', 'format.zip.overlap', extra({ name: 'x', data: evil, sameAs: 0 })],
    ['hidden bytes', 'format.zip.hidden_bytes', extra({ name: 'x', data: evil, gap: 100 })],
    ['encrypted', 'format.zip.encrypted', extra({ name: 'x', data: evil, flags: 0x801 })],
    ['a file nobody signed', 'bundle.file_unlisted', extra({ name: 'adapter/evil.bin', data: evil })],
    ['a folder nobody signed', 'bundle.file_unlisted', extra({ name: 'elsewhere/', mode: 0o040755 })],
    [
      'unsigned file that lies about its size',
      'bundle.file_unlisted',
      extra({ name: 'x', data: zeros.subarray(0, 1 << 20), deflate: true, size: 9 }),
    ],
    ['a file missing', 'bundle.file_missing', edit((files) => files.delete('metrics.json'))],
    ['a file shorter', 'bundle.file_size', edit((files) => files.set('recipe.yaml', evil))],
    ['a file changed', 'bundle.file_digest', edit((files) => files.set('recipe.yaml', bytes('name: TRIAGE\n')))],
    [
      'manifest changed',
      'bundle.signature_invalid',
      edit((files) => swapText(files, 'manifest.json', '0.875', '0.975')),
    ],
    [
      'manifest in other spelling',
      'bundle.signature_invalid',
      edit((files) => swapText(files, 'manifest.json', '{', '{ ')),
    ],
    [
      'signature in other spelling',
      'bundle.signature_invalid',
      edit((files) => swapText(files, 'signature.json', '{', '{ ')),
    ],
    ['signature empty', 'bundle.signature_invalid', edit((files) => files.set('signature.json', new Uint8Array(0)))],
    ['signature taken away', 'bundle.unsigned', edit((files) => files.delete('signature.json'))],
    ['no manifest', 'bundle.manifest_missing', edit((files) => files.delete('manifest.json'))],
    [
      'author is not the signer',
      'bundle.signature_invalid',
      signedAgain((m) => Object.assign(m, { author: { name: 'boss', keyId: '0'.repeat(16) } })),
    ],
    ['signed: newer version', 'bundle.schema_newer', signedAgain((m) => Object.assign(m, { schemaVersion: 2 }))],
    ['signed: another kind', 'bundle.kind_unknown', signedAgain((m) => Object.assign(m, { kind: 'program' }))],
    [
      'signed: path that climbs out',
      'bundle.manifest_invalid',
      signedAgain((m) => (m.files as object[]).push({ path: '../x', size: 4, sha256: 'a'.repeat(64) })),
    ],
    [
      'signed: a path twice',
      'bundle.manifest_invalid',
      signedAgain((m) => (m.files as object[]).push((m.files as object[])[0])),
    ],
    ['signed: no adapter', 'bundle.manifest_invalid', signedAgain((m) => Object.assign(m, { files: [] }))],
    [
      'signed: negative size',
      'bundle.manifest_invalid',
      signedAgain((m) => Object.assign((m.files as object[])[0], { size: -1 })),
    ],
    ['signed: endless nesting', 'bundle.manifest_invalid', signedAgain((m) => Object.assign(m, { deep: nested(500) }))],
    [
      'signed: claims another size',
      'bundle.file_size',
      signedAgain((m) => Object.assign((m.files as object[])[0], { size: 1 })),
    ],
    ['signed: a million brackets', 'bundle.manifest_invalid', signedText('['.repeat(1e6))],
    ['signed: not JSON', 'bundle.manifest_invalid', signedText('name: x')],
    ['signed: null', 'bundle.manifest_invalid', signedText('null')],
    [
      'oversized manifest',
      'bundle.manifest_invalid',
      edit((files) => files.set('manifest.json', zeros.subarray(0, 5 << 20))),
    ],
  ])('%s: %s', async (_what, code, prepare) => {
    expect(await attack(prepare)).toEqual({ code, appeared: [] })
  })

  it('the control: the same sandbox accepts the bundle when nothing is done to it', async () => {
    const { code, appeared } = await attack((files) => zipForeign(files))
    expect(code).toBe('accepted')
    expect(appeared).toContain('inner/out/adapter/adapter_model.safetensors')
  })

  it('inspecting judges the contents without throwing and shows no claim of an altered manifest', () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const files = await unzip(path)
      swapText(files, 'manifest.json', '0.875', '0.975')
      writeFileSync(path, await zipCanonically(files))
      const inspection = await inspectBundle(path, { trust, localFingerprints: [] })
      expect(inspection).toMatchObject({ passport: null, manifestSha256: null, base: { verdict: 'unknown' } })
      expect(inspection.signature).toMatchObject({ verdict: 'altered', signer: null })
    }))
})

function swapText(files: Files, name: string, from: string, to: string): void {
  const text = new TextDecoder().decode(files.get(name))
  expect(text).toContain(from)
  files.set(name, bytes(text.replace(from, to)))
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}
