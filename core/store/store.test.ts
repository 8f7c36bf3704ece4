import { describe, expect, it } from 'vitest'
import { codeOf, freshStore, seed, temporaryFolder } from '../../tests/fault/store-support.ts'
import { errorCatalogue } from '../contract/errors/index.ts'
import { storeErrors } from '../contract/errors/store.ts'
import { openStore, type Tx } from './index.ts'

describe('a transaction', () => {
  it('is kept whole when it ends and dropped whole when it throws', () => {
    const store = freshStore()
    store.write(seed)
    const entries = store.read.audit.page().length
    expect(() =>
      store.write((tx) => {
        tx.projects.add({ name: 'lost' })
        tx.audit({ action: 'project.add', subject: 'lost' })
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(store.read.projects.list().map((p) => p.name)).toEqual(['内科分诊'])
    expect(store.read.audit.page()).toHaveLength(entries)
  })

  it('may not change anything without an audit entry', () => {
    const store = freshStore()
    expect(codeOf(() => store.write((tx) => tx.projects.add({ name: 'silent' })))).toBe('internal.invariant')
    expect(store.read.projects.list()).toEqual([])
    expect(store.write((tx) => tx.projects.list())).toEqual([])
  })

  it('is neither nested nor asynchronous, and its handle is dead afterwards', () => {
    const store = freshStore()
    let kept: Tx | undefined
    store.write((tx) => {
      kept = tx
      tx.audit({ action: 'test.note', subject: 'x' })
      expect(codeOf(() => store.write(() => undefined))).toBe('internal.invariant')
    })
    const change = async (tx: Tx): Promise<void> => {
      tx.projects.add({ name: 'later' })
      tx.audit({ action: 'project.add', subject: 'later' })
    }
    expect(codeOf(() => store.write(change))).toBe('internal.invariant')
    expect(codeOf(() => kept?.projects.add({ name: 'stray' }))).toBe('internal.invariant')
    expect(store.read.projects.list()).toEqual([])
  })

  it('goes on after a refused statement that the caller handled', () => {
    const store = freshStore()
    store.write((tx) => {
      tx.projects.add({ name: 'a' })
      expect(codeOf(() => tx.projects.add({ name: 'a' }))).toBe('store.exists')
      tx.projects.add({ name: 'b' })
      tx.audit({ action: 'project.add', subject: 'a, b' })
    })
    expect(store.read.projects.list().map((p) => p.name)).toEqual(['b', 'a'])
  })
})

describe('a read handle', () => {
  it('has no way to change anything, in types and at run time', () => {
    const folder = temporaryFolder()
    freshStore({ folder }).write(seed)
    const store = openStore(folder, { actor: 'viewer', mode: 'read' })
    // @ts-expect-error a store opened for reading has no write
    expect(store.write).toBeUndefined()
    // @ts-expect-error a reader has no mutating method
    expect(store.read.projects.add).toBeUndefined()
    const verbs = /^(add|set|remove|rename|interrupt|write)/
    const names = Object.values(store.read).flatMap((repository) => Object.keys(repository))
    expect(names.filter((name) => verbs.test(name))).toEqual([])
    store.close()
    store.close()
  })
})

describe('the error catalogue', () => {
  it('fills every placeholder of a store error in both languages from the same facts', () => {
    for (const [code, entry] of Object.entries(storeErrors)) {
      const facts = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] as string)
      const zh = new Set(facts(entry.zh.message + entry.zh.hint))
      const en = new Set(facts(entry.en.message + entry.en.hint))
      expect([code, [...zh].sort()]).toEqual([code, [...en].sort()])
      expect(errorCatalogue[code]).toBe(entry)
    }
  })
})
