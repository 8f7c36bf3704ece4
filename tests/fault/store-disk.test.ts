import { describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../core/store/index.ts'
import { digest, errorOf, freshStore, seed, temporaryFolder } from './store-support.ts'

const row = (n: number) => ({
  id: `r${n}`,
  contentHash: digest(n),
  origin: 'human' as const,
  fields: { t: 'x'.repeat(900) },
})

/** Commits rows one by one until the store refuses; returns how many it took and the refusal. */
function fill(store: Store, versionId: string, from = 0): { count: number; refusal: ReturnType<typeof errorOf> } {
  for (let n = from; ; n++) {
    try {
      store.write((tx) => {
        tx.rows.add(versionId, [row(n)])
        tx.audit({ action: 'rows.add', subject: versionId })
      })
    } catch (error) {
      return { count: n, refusal: error as ReturnType<typeof errorOf> }
    }
  }
}

describe('P-21 a full disk is an error, not damage (page limit)', () => {
  it('names itself and the room it needs, loses nothing, and goes on when there is room', () => {
    const folder = temporaryFolder()
    const store = freshStore({ folder, maxBytes: 600_000 })
    const { versionId } = store.write(seed)
    const { count, refusal } = fill(store, versionId)
    expect(count).toBeGreaterThan(100)
    expect(refusal).toMatchObject({ code: 'store.disk_full', data: { folder } })
    expect(refusal.data.neededBytes).toBeGreaterThan(4096)
    expect(store.read.rows.page(versionId).rows).toHaveLength(count)
    expect(store.read.datasets.version(versionId)?.rowCount).toBe(count)
    expect(store.verifyAudit()).toMatchObject({ ok: true, entries: count + 2 })
    expect(store.checkIntegrity()).toEqual([])
    store.close()
    const roomy = freshStore({ folder })
    roomy.write((tx) => {
      tx.rows.add(
        versionId,
        Array.from({ length: 500 }, (_, i) => row(count + i)),
      )
      tx.audit({ action: 'rows.add', subject: versionId })
    })
    expect(roomy.read.datasets.version(versionId)?.rowCount).toBe(count + 500)
    expect(roomy.checkIntegrity()).toEqual([])
  })

  it('undoes a bulk import as a whole and asks for room in proportion to it', () => {
    const store = freshStore({ maxBytes: 3_000_000 })
    const { versionId } = store.write(seed)
    const attempt = () =>
      errorOf(() =>
        store.write((tx) => {
          tx.audit({ action: 'rows.add', subject: versionId })
          tx.rows.add(
            versionId,
            Array.from({ length: 50_000 }, (_, i) => row(i)),
          )
        }),
      )
    const refusal = attempt()
    expect(refusal.code).toBe('store.disk_full')
    expect(refusal.data.neededBytes).toBeGreaterThan(1_000_000)
    expect(store.read.rows.page(versionId).rows).toEqual([])
    expect(attempt().code).toBe('store.disk_full')
    expect(store.verifyAudit()).toMatchObject({ ok: true, entries: 2 })
    const viewer = openStore(store.folder, { actor: 'viewer', mode: 'read' })
    expect(viewer.checkIntegrity()).toEqual([])
    viewer.close()
  })
})
