import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { draft, fingerprint, fixtureAdapter, smallConfig, smallTensors } from '../adapters/adapters.testing.ts'
import { bundleFiles, unzip, zipCanonically } from '../adapters/bundle/bundle.testing.ts'
import { createIdentity, exportPeft, exportPublic, hasIdentity, openIdentity, writeBundle } from '../adapters/index.ts'
import { canonicalJson, sha256 } from '../kit/index.ts'
import { cancelAfter, codeOf, testIo, testPlace, tinyModel } from './app.testing.ts'
import type { AppContext } from './context.ts'
import { findAdapter, importAdapter, inspect } from './import-adapter.ts'
import { jobFolder } from './job/folder.ts'
import { keysRevoke, keysTrust } from './keys.ts'
import { examineModel, modelAdd } from './models.ts'

const place = testPlace()
const io = testIo()

/** A bundle by `name`, whose identity is made when it is first needed, and their public key file. */
async function bundle(manifest = draft, name = 'author') {
  const keys = join(place.folder, `keys of ${name}`)
  const key = join(place.folder, `${name}.json`)
  if (!hasIdentity(keys)) createIdentity({ folder: keys, name })
  exportPublic(keys, key)
  const signer = openIdentity(keys)
  const path = join(place.folder, 'triage.airlock')
  await writeBundle({ path, manifest, files: bundleFiles(), signer })
  return { path, key, signer }
}

/** The bundle with some of its files exchanged, packed anew. */
async function altered(path: string, change: (files: Map<string, Uint8Array>) => void): Promise<string> {
  const files = await unzip(path)
  change(files)
  return place.put(`altered-${files.size}.airlock`, await zipCanonically(files))
}

const everything = (context: AppContext): unknown => {
  const { workspace } = context.options
  return existsSync(workspace) ? (readdirSync(workspace, { recursive: true }) as string[]).sort() : null
}

describe('inspect', () => {
  it('tells a trusted signer from an unknown one, never by the name a bundle claims', async () => {
    const context = place.workspace()
    const { path, key, signer } = await bundle()
    const unknown = await inspect(context, { file: path }, io)
    expect(unknown).toEqual({
      file: path,
      kind: 'bundle',
      name: '分诊 triage',
      signature: 'valid-unknown-signer',
      signer: { id: signer.id, name: '' },
      author: 'author',
      base: 'unknown',
      baseModel: 'smollm2-135m-instruct',
      matchingModel: null,
      metrics: { tuned: { accuracy: 0.875, macroF1: 0.86 } },
      problems: [],
    })
    expect(everything(context)).toBeNull()
    await keysTrust(context, { file: key }, io)
    const trusted = await inspect(context, { file: path }, io)
    expect(trusted).toEqual({ ...unknown, signature: 'trusted', signer: { id: signer.id, name: 'author' } })
    await keysRevoke(context, { id: signer.id, reason: null }, io)
    expect(await inspect(context, { file: path }, io)).toEqual({ ...trusted, signature: 'revoked' })
  })

  it('gives a verdict on altered and unsigned bundles, in the language that was asked for', async () => {
    const context = place.workspace()
    const { path } = await bundle()
    const file = await altered(path, (files) =>
      files.set('metrics.json', new TextEncoder().encode('{"accuracy":0.99}')),
    )
    const english = await inspect(context, { file }, io)
    expect(english).toMatchObject({ signature: 'altered', signer: null, name: '分诊 triage' })
    expect(english.problems).toHaveLength(1)
    expect(english.problems[0]).toMatch(/metrics\.json.*altered/)
    const chinese = await inspect(context, { file }, testIo({ lang: 'zh' }))
    expect(chinese.problems[0]).toMatch(/metrics\.json.*改动/)
    const unsigned = await altered(path, (files) => files.delete('signature.json'))
    expect(await inspect(context, { file: unsigned }, io)).toMatchObject({ signature: 'unsigned', signer: null })
    const forged = await altered(path, (files) => {
      const text = new TextDecoder().decode(files.get('manifest.json'))
      files.set('manifest.json', new TextEncoder().encode(text.replace('"trainRows":480', '"trainRows":999')))
    })
    expect(await inspect(context, { file: forged }, io)).toMatchObject({
      signature: 'altered',
      name: 'altered-7',
      author: null,
      base: 'unknown',
      metrics: {},
    })
  })

  it('compares with registered models and, when none fits, with those in the cache of the user', async () => {
    const context = place.workspace()
    const cached = tinyModel(join(place.folder, 'cache', 'tiny'))
    const halved = tinyModel(join(place.folder, 'models', 'halved'), { dtype: 'BF16' })
    tinyModel(join(place.folder, 'cache', 'other'), { seed: 2 })
    place.put('cache/broken/config.json', '{}')
    const base = { id: 'tiny', fingerprint: { ...examineModel(cached, io).fingerprint } }
    const { path } = await bundle({ ...draft, base })
    const exact = { base: 'exact', matchingModel: 'tiny', baseModel: 'tiny' }
    expect(await inspect(context, { file: path }, io)).toMatchObject(exact)
    await modelAdd(context, { path: halved, name: 'halved' }, io)
    // A registered model that may be loaded answers at once: the cache is not hashed.
    const watch = testIo()
    const near = { base: 'same-other-precision', matchingModel: 'halved' }
    expect(await inspect(context, { file: path }, watch)).toMatchObject(near)
    expect(watch.events.filter(({ total }) => total !== 1)).toEqual([])
    const foreign = await bundle(draft, 'someone else')
    const different = { base: 'different', matchingModel: null, signature: 'valid-unknown-signer' }
    expect(await inspect(context, { file: foreign.path }, io)).toMatchObject(different)
    rmSync(join(place.folder, 'cache'), { recursive: true })
    const without = place.workspace('second')
    expect(await inspect(without, { file: path }, io)).toMatchObject({ base: 'unknown', matchingModel: null })
  })

  it('can be stopped while a cached model is hashed', async () => {
    const context = place.workspace()
    tinyModel(join(place.folder, 'cache', 'tiny'))
    const { path } = await bundle()
    const stopped = testIo({ cancel: cancelAfter(3) })
    expect(await codeOf(() => inspect(context, { file: path }, stopped))).toBe('job.cancelled')
  })

  it('judges a PEFT folder by what it says of its base', async () => {
    const context = place.workspace()
    const model = tinyModel(join(place.folder, 'cache', 'tiny'))
    const plain = fixtureAdapter('qwen2')
    const verdict = { kind: 'peft', name: 'qwen2', signature: 'unsigned', signer: null, base: 'unknown', problems: [] }
    expect(await inspect(context, { file: plain }, io)).toMatchObject(verdict)
    const folder = join(place.folder, 'own')
    await exportPeft(folder, {
      config: smallConfig,
      tensors: smallTensors(),
      fingerprint: examineModel(model, io).fingerprint,
    })
    expect(await inspect(context, { file: folder }, io)).toMatchObject({ base: 'exact', matchingModel: 'tiny' })
  })

  it('names what is no bundle at all', async () => {
    const context = place.workspace()
    const call = (file: string) => codeOf(() => inspect(context, { file }, io))
    expect(await call(join(place.folder, 'none.airlock'))).toBe('file.not_found')
    expect(await call(place.put('x.airlock', 'hello'))).toBe('format.zip.not_a_zip')
    expect(await call(place.folder)).toBe('adapter.config_missing')
  })
})

describe('importAdapter', () => {
  it('unpacks, registers and records a bundle once, and renews its verdict', async () => {
    const context = place.workspace()
    const { path, key, signer } = await bundle({ ...draft, parents: [{ name: 'first', sha256: sha256('first') }] })
    const imported = await importAdapter(context, { file: path }, io)
    expect(imported).toMatchObject({ signature: 'valid-unknown-signer', base: 'unknown', name: '分诊 triage' })
    expect(imported.adapter).toMatch(/^triage-[0-9a-f]{12}$/)
    const folder = join(context.folders.adapters, imported.adapter)
    const files = bundleFiles()
    for (const file of files) expect(readFileSync(join(folder, file.path)), file.path).toEqual(Buffer.from(file.data))
    const weights = files.find((file) => file.path.endsWith('.safetensors'))?.data ?? new Uint8Array()
    const { read } = context.store()
    expect(read.adapters.list()).toMatchObject([
      {
        id: imported.adapter,
        name: '分诊 triage',
        parents: [sha256('first')],
        path: join(folder, 'adapter'),
        sha256: sha256(weights),
        imported: true,
        signer: signer.id,
        verdict: 'valid-unknown-signer',
        baseFingerprint: draft.base.fingerprint,
      },
    ])
    const actions = () => read.audit.bySubject(imported.adapter).map(({ action }) => action)
    expect(actions()).toEqual(['adapter.import'])
    expect(await importAdapter(context, { file: path }, io)).toEqual(imported)
    expect(actions()).toEqual(['adapter.import'])

    await keysTrust(context, { file: key }, io)
    expect(await importAdapter(context, { file: path }, io)).toMatchObject({
      adapter: imported.adapter,
      signature: 'trusted',
    })
    expect(read.adapters.byId(imported.adapter)?.verdict).toBe('trusted')
    expect(actions()).toEqual(['adapter.import', 'adapter.verdict'])
    expect(read.adapters.list()).toHaveLength(1)
    expect(readdirSync(context.folders.adapters)).toEqual([imported.adapter])
  })

  it('restores the files of an adapter that was damaged since', async () => {
    const context = place.workspace()
    const { path } = await bundle()
    const { adapter } = await importAdapter(context, { file: path }, io)
    const config = join(context.folders.adapters, adapter, 'adapter', 'adapter_config.json')
    const before = readFileSync(config, 'utf8')
    writeFileSync(config, before.replace('"lora_alpha": 8', '"lora_alpha": 80'))
    expect(await codeOf(() => findAdapter(context, adapter, io))).toBe('adapter.changed')
    expect((await importAdapter(context, { file: path }, io)).adapter).toBe(adapter)
    expect(readFileSync(config, 'utf8')).toBe(before)
    expect((await findAdapter(context, adapter, io)).adapter).toBe(adapter)
  })

  it('refuses what the gate refuses, by name, and changes nothing', async () => {
    const context = place.workspace()
    const { path, key, signer } = await bundle()
    await keysTrust(context, { file: key }, io)
    const before = everything(context)
    const call = (file: string) => codeOf(() => importAdapter(context, { file }, io))
    const encode = (text: string) => new TextEncoder().encode(text)
    expect(await call(await altered(path, (files) => files.set('report.html', encode('<p>'))))).toBe('bundle.file_size')
    expect(await call(await altered(path, (files) => files.delete('signature.json')))).toBe('bundle.unsigned')
    const stranger = await bundle(draft, 'stranger')
    const taken = (await unzip(stranger.path)).get('signature.json') ?? new Uint8Array()
    const moved = await bundle()
    expect(await call(await altered(moved.path, (files) => files.set('signature.json', taken)))).toBe(
      'bundle.signature_invalid',
    )
    expect(await call(fixtureAdapter('qwen2'))).toBe('adapter.folder_unsigned')
    expect(await call(place.put('x.airlock', 'PK'))).toMatch(/^format\.zip\./)
    tinyModel(join(place.folder, 'cache', 'tiny'))
    expect(await call(moved.path)).toBe('adapter.base_different')
    rmSync(join(place.folder, 'cache'), { recursive: true })
    expect(everything(context)).toEqual(before)
    expect(context.store().read.adapters.list()).toEqual([])
    await keysRevoke(context, { id: signer.id, reason: null }, io)
    expect(await call((await bundle()).path)).toBe('bundle.revoked')
    expect(context.store().read.adapters.list()).toEqual([])
  })

  it('leaves nothing behind of a signed bundle whose adapter cannot be read', async () => {
    const context = place.workspace()
    const { signer } = await bundle()
    const files = bundleFiles().map((file) =>
      file.path.endsWith('adapter_config.json')
        ? { ...file, data: new TextEncoder().encode('{"peft_type":"IA3"}') }
        : file,
    )
    const path = join(place.folder, 'odd.airlock')
    await writeBundle({ path, manifest: draft, files, signer })
    expect(await codeOf(() => importAdapter(context, { file: path }, io))).toBe('adapter.type_unsupported')
    expect(readdirSync(context.folders.adapters)).toEqual([])
    expect(context.store().read.adapters.list()).toEqual([])
  })

  it('gives two bundles of one name two ids, and a name without letters an id all the same', async () => {
    const context = place.workspace()
    const first = await importAdapter(context, { file: (await bundle({ ...draft, name: '../../分诊' })).path }, io)
    const second = await importAdapter(
      context,
      { file: (await bundle({ ...draft, name: '分诊', codeVersion: '2' })).path },
      io,
    )
    expect([first.adapter, second.adapter].map((id) => id.replace(/[0-9a-f]{12}$/, ''))).toEqual([
      'adapter-',
      'adapter-',
    ])
    expect(new Set([first.adapter, second.adapter]).size).toBe(2)
    expect(readdirSync(context.folders.adapters).sort()).toEqual([first.adapter, second.adapter].sort())
  })
})

describe('findAdapter', () => {
  it('finds an imported adapter by its id, and a bundle by importing it', async () => {
    const context = place.workspace()
    const { path, key, signer } = await bundle()
    const found = await findAdapter(context, path, io)
    const adapter = found.adapter ?? ''
    const folder = join(context.folders.adapters, adapter)
    expect(found).toEqual({
      folder: join(folder, 'adapter'),
      name: '分诊 triage',
      fingerprint: fingerprint('base'),
      baseModelId: 'smollm2-135m-instruct',
      adapter,
      runId: null,
      recipe: join(folder, 'recipe.yaml'),
    })
    expect(await findAdapter(context, adapter, io)).toEqual(found)
    expect(context.store().read.adapters.list()).toHaveLength(1)
    await keysTrust(context, { file: key }, io)
    await keysRevoke(context, { id: signer.id, reason: 'left' }, io)
    expect(await codeOf(() => findAdapter(context, adapter, io))).toBe('bundle.revoked')
    expect(await codeOf(() => findAdapter(context, path, io))).toBe('bundle.revoked')
  })

  it('notices every file of an imported adapter that is not what was signed', async () => {
    const context = place.workspace()
    const { path } = await bundle()
    const { adapter } = await importAdapter(context, { file: path }, io)
    const root = join(context.folders.adapters, adapter)
    const files = ['manifest.json', 'signature.json', ...bundleFiles().map((file) => file.path)]
    for (const name of files) {
      const bytes = readFileSync(join(root, name))
      appendFileSync(join(root, name), ' ')
      expect(await codeOf(() => findAdapter(context, adapter, io)), name).toBe('adapter.changed')
      rmSync(join(root, name))
      expect(await codeOf(() => findAdapter(context, adapter, io)), name).toBe('adapter.changed')
      writeFileSync(join(root, name), bytes)
    }
    expect((await findAdapter(context, adapter, io)).adapter).toBe(adapter)
  })

  it('does not take a folder that someone else signed anew for what was imported', async () => {
    const context = place.workspace()
    const { path } = await bundle()
    const { adapter } = await importAdapter(context, { file: path }, io)
    const other = await unzip((await bundle(draft, 'other')).path)
    const root = join(context.folders.adapters, adapter)
    for (const [name, bytes] of other) writeFileSync(join(root, name), bytes)
    expect(await codeOf(() => findAdapter(context, adapter, io))).toBe('adapter.changed')
  })

  it('follows a workspace that was moved', async () => {
    const context = place.workspace('here')
    const { path } = await bundle()
    const { adapter } = await importAdapter(context, { file: path }, io)
    context.close()
    cpSync(join(place.folder, 'here'), join(place.folder, 'there'), { recursive: true })
    rmSync(join(place.folder, 'here'), { recursive: true })
    const moved = place.workspace('there')
    expect((await findAdapter(moved, adapter, io)).folder).toBe(join(moved.folders.adapters, adapter, 'adapter'))
  })

  it('finds the adapter of a finished run, with and without its registration', async () => {
    const context = place.workspace()
    const folder = jobFolder(join(context.folders.runs, 'run-1'))
    const tensors = smallTensors()
    const made = await exportPeft(folder.adapter, { config: smallConfig, tensors, fingerprint: fingerprint('base') })
    const store = context.store()
    store.write((tx) => {
      const projectId = tx.projects.add({ name: 'triage' })
      const recipeHash = tx.recipes.add({ name: 'triage' })
      tx.runs.add({ id: 'run-1', projectId, recipeHash, jobFolder: folder.path })
      tx.audit({ action: 'run.prepare', subject: 'run-1' })
    })
    expect(await codeOf(() => findAdapter(context, 'run-1', io))).toBe('run.not_finished')
    store.write((tx) => {
      tx.runs.setState('run-1', 'running')
      tx.runs.setState('run-1', 'done')
      tx.audit({ action: 'run.done', subject: 'run-1' })
    })
    const expected = {
      folder: folder.adapter,
      name: 'triage',
      fingerprint: fingerprint('base'),
      baseModelId: 'smollm2-135m-instruct',
      adapter: null,
      runId: 'run-1',
      recipe: null,
    }
    expect(await findAdapter(context, 'run-1', io)).toEqual(expected)
    const id = store.write((tx) => {
      const baseFingerprint = { ...fingerprint('base') }
      const facts = { name: 'triage', runId: 'run-1', path: folder.adapter, baseFingerprint, imported: false }
      tx.audit({ action: 'run.done', subject: 'run-1' })
      return tx.adapters.add({ ...facts, sha256: made.sha256 })
    })
    expect(await findAdapter(context, 'run-1', io)).toEqual({ ...expected, adapter: id })
    expect(await findAdapter(context, id, io)).toEqual({ ...expected, adapter: id })
    await exportPeft(folder.adapter, { config: smallConfig, tensors: smallTensors({ seed: 2 }), replace: true })
    expect(await codeOf(() => findAdapter(context, 'run-1', io))).toBe('adapter.changed')
  })

  it('takes a PEFT folder as it is, and names what it cannot find', async () => {
    const context = place.workspace()
    const folder = fixtureAdapter('llama-gqa-tied')
    const found = await findAdapter(context, folder, io)
    expect(found).toMatchObject({ folder, name: 'llama-gqa-tied', fingerprint: null, adapter: null, runId: null })
    expect(everything(context)).toBeNull()
    const call = (reference: string) => codeOf(() => findAdapter(context, reference, io))
    expect(await call('adapter-9')).toBe('adapter.unknown')
    expect(await call(join(place.folder, 'none'))).toBe('adapter.unknown')
    expect(await call(place.folder)).toBe('adapter.config_missing')
    expect(await call(place.put('note.txt', 'hello'))).toBe('format.zip.not_a_zip')
  })
})

it('names an imported adapter after its manifest, whose bytes are canonical', async () => {
  const { path } = await bundle()
  const manifest = (await unzip(path)).get('manifest.json') ?? new Uint8Array()
  expect(canonicalJson(JSON.parse(new TextDecoder().decode(manifest)))).toBe(new TextDecoder().decode(manifest))
  const { adapter } = await importAdapter(place.workspace(), { file: path }, io)
  expect(adapter).toBe(`triage-${sha256(manifest).slice(0, 12)}`)
})
