import { describe, expect, it } from 'vitest'
import { codeOf, digest, errorOf, freshStore, seed } from '../../tests/fault/store-support.ts'
import type { NewModel } from '../contract/domain/store.ts'
import { canonicalJson, sha256 } from '../kit/index.ts'
import type { Store, Tx } from './index.ts'

/** One audited change. */
const change = <T>(store: Store, work: (tx: Tx) => T): T =>
  store.write((tx) => {
    tx.audit({ action: 'test.change', subject: 'test' })
    return work(tx)
  })

const model: NewModel = {
  id: 'smollm2',
  name: 'SmolLM2 135M',
  path: '/模型/smollm2.gguf',
  kind: 'gguf',
  fingerprint: { weights: digest(9), storage: 'Q8_0' },
  parameters: 134_515_008,
  sizeBytes: 2 ** 40,
  licence: null,
}

describe('projects', () => {
  it('are found by id and name, listed newest first, renamed, and never share a name', () => {
    const store = freshStore()
    const [a, b] = change(store, (tx) => [tx.projects.add({ name: 'a' }), tx.projects.add({ name: 'b', id: 'mine' })])
    expect([a, b]).toEqual(['project-1', 'mine'])
    expect(store.read.projects.list().map((p) => p.id)).toEqual(['mine', 'project-1'])
    change(store, (tx) => tx.projects.rename(b, '乙'))
    expect(store.read.projects.byName('乙')?.id).toBe('mine')
    expect(store.read.projects.byName('b')).toBeUndefined()
    expect(errorOf(() => change(store, (tx) => tx.projects.rename(a, '乙')))).toMatchObject({
      code: 'store.exists',
      data: { table: 'projects', field: 'name' },
    })
    expect(codeOf(() => change(store, (tx) => tx.projects.rename('none', 'c')))).toBe('store.not_found')
  })
})

describe('models', () => {
  it('come back as they were given', () => {
    const store = freshStore()
    change(store, (tx) => tx.models.add(model))
    const found = store.read.models.byId('smollm2')
    expect(found).toEqual({ ...model, addedAt: found?.addedAt })
    expect(store.read.models.list()).toEqual([found])
    change(store, (tx) => tx.models.setPath('smollm2', '/elsewhere'))
    expect(store.read.models.byId('smollm2')?.path).toBe('/elsewhere')
    change(store, (tx) => tx.models.remove('smollm2'))
    expect(store.read.models.byId('smollm2')).toBeUndefined()
  })

  it('are refused with the field that does not hold, never with its content', () => {
    const store = freshStore()
    const add = (part: object) => errorOf(() => change(store, (tx) => tx.models.add({ ...model, ...part })))
    expect(add({ kind: 'pickle' })).toMatchObject({ code: 'store.invalid_value', data: { field: 'kind' } })
    expect(add({ parameters: 1.5 }).data.field).toBe('parameters')
    expect(add({ sizeBytes: 2 ** 53 }).data.field).toBe('sizeBytes')
    expect(add({ name: '' }).data.field).toBe('name')
    expect(add({ fingerprint: { x: Number.NaN } }).data.field).toBe('fingerprint')
    const lone = add({ licence: 'secret \ud800' })
    expect(lone.data).toEqual({ table: 'models', field: 'licence', expected: 'well-formed text' })
    expect(store.read.models.list()).toEqual([])
  })

  it('stay while a run refers to them', () => {
    const store = freshStore()
    store.write(seed)
    expect(codeOf(() => change(store, (tx) => tx.models.remove('tiny')))).toBe('store.still_used')
    expect(codeOf(() => change(store, (tx) => tx.models.remove('none')))).toBe('store.not_found')
  })
})

describe('recipes', () => {
  it('are stored once under the digest of their canonical JSON', () => {
    const store = freshStore()
    const recipe = { seed: 42, name: '分诊', data: { b: [1, 2.5, null], a: true } }
    const hash = change(store, (tx) => tx.recipes.add(recipe))
    expect(hash).toBe(sha256('{"data":{"a":true,"b":[1,2.5,null]},"name":"分诊","seed":42}'))
    const again = change(store, (tx) =>
      tx.recipes.add({ name: '分诊', data: { a: true, b: [1, 2.5, null] }, seed: 42 }),
    )
    expect(again).toBe(hash)
    expect(store.read.recipes.byHash(hash)?.recipe).toEqual(recipe)
  })
})

describe('adapters', () => {
  it('keep their parents in order, even unknown ones, and know their children', () => {
    const store = freshStore()
    const { runId } = store.write(seed)
    const base = { path: '/a', baseFingerprint: { weights: digest(3) }, sha256: digest(4), imported: false }
    const first = change(store, (tx) => tx.adapters.add({ ...base, name: 'first', runId }))
    const parents = ['z-foreign', first, 'a-foreign']
    const second = change(store, (tx) =>
      tx.adapters.add({ ...base, name: 'second', parents, imported: true, signer: 'key-1', verdict: 'unknown' }),
    )
    expect(store.read.adapters.byId(second)).toMatchObject({ parents, imported: true, runId: null, signer: 'key-1' })
    expect(store.read.adapters.byId(first)).toMatchObject({ parents: [], imported: false, runId, signer: null })
    expect(store.read.adapters.children(first).map((a) => a.id)).toEqual([second])
    expect(store.read.adapters.list({ runId }).map((a) => a.id)).toEqual([first])
    expect(store.read.adapters.bySha256(digest(4)).map((a) => a.id)).toEqual([second, first])
    change(store, (tx) => tx.adapters.setVerdict(second, 'trusted'))
    expect(store.read.adapters.byId(second)).toMatchObject({ verdict: 'trusted', signer: 'key-1' })
    change(store, (tx) => tx.adapters.remove(second))
    expect(store.read.adapters.children(first)).toEqual([])
    // A removed id is not given away again.
    expect(change(store, (tx) => tx.adapters.add({ ...base, name: 'third' }))).toBe('adapter-3')
  })
})

describe('actors', () => {
  it('appear with their first act', () => {
    const store = freshStore()
    store.write(seed)
    expect(store.read.actors.list().map((a) => a.id)).toEqual(['测试员'])
    expect(canonicalJson(store.read.audit.bySubject('store')[0]?.detail)).toBe('{"from":0,"to":3}')
  })
})
