import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../../core/kit/index.ts'
import { openStore, type Store } from '../../core/store/index.ts'
import { digest, seed } from './store-support.ts'

const SIZE = 4 * 1024 * 1024
const LEVELS = 30

/** Mounts a small tmpfs; undefined where that is not allowed. */
function smallDisk(): string | undefined {
  if (process.platform !== 'linux') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'airlock-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder])
  if (mounted.status === 0) return folder
  rmdirSync(folder)
  return undefined
}

function unmount(folder: string): void {
  spawnSync('umount', [folder])
  rmdirSync(folder)
}

const row = (n: number, size: number) => ({
  id: `r${n}`,
  contentHash: digest(n),
  origin: 'human' as const,
  fields: { t: 'x'.repeat(size) },
})

/** One transaction of `rows` rows; the refusal, or undefined when it was committed. */
function add(
  store: Store,
  versionId: string,
  from: number,
  rows: number,
): { code: string; neededBytes: number } | undefined {
  try {
    store.write((tx) => {
      tx.rows.add(
        versionId,
        Array.from({ length: rows }, (_, i) => row(from + i, 500)),
      )
      tx.audit({ action: 'rows.add', subject: versionId, detail: { from, rows } })
    })
    return undefined
  } catch (error) {
    if (!isAppError(error)) throw error
    return { code: error.code, neededBytes: error.data.neededBytes as number }
  }
}

/** Takes up the disk so that `free` bytes are left for the store. */
function leaveFree(disk: string, free: number): void {
  rmSync(join(disk, 'filler'), { force: true })
  const left = spawnSync('df', ['--output=avail', '-B1', disk]).stdout.toString().trim().split('\n')[1]
  writeFileSync(join(disk, 'filler'), new Uint8Array(Math.max(0, Number(left) - free)))
}

function level(disk: string, n: number): void {
  const workspace = join(disk, 'workspace')
  const store = openStore(workspace, { actor: 'tester' })
  const { versionId } = store.write(seed)
  leaveFree(disk, n * 24 * 1024)
  let committed = 0
  let refusal: ReturnType<typeof add>
  for (let i = 0; refusal === undefined && i < 10_000; i++) {
    const rows = 1 + ((n + i) % 9) * 5
    refusal = add(store, versionId, committed, rows)
    if (refusal === undefined) committed += rows
  }
  expect([n, refusal?.code]).toEqual([n, 'store.disk_full'])
  expect(store.read.datasets.version(versionId)?.rowCount).toBe(committed)
  expect(store.verifyAudit().ok).toBe(true)
  // Opened again while the disk is still full: a named refusal, or the store; never damage.
  store.close()
  try {
    openStore(workspace, { actor: 'tester' }).close()
  } catch (error) {
    expect([n, isAppError(error) && error.code]).toEqual([n, 'store.disk_full'])
  }
  // Freeing what the error asked for is enough for a transaction of that size.
  leaveFree(disk, refusal?.neededBytes ?? 0)
  const again = openStore(workspace, { actor: 'tester' })
  expect([n, add(again, versionId, committed, 41)]).toEqual([n, undefined])
  expect([...again.read.rows.stream(versionId)].map((r) => r.id)).toEqual(
    Array.from({ length: committed + 41 }, (_, i) => `r${i}`),
  )
  expect(again.checkIntegrity()).toEqual([])
  expect(again.verifyAudit().ok).toBe(true)
  again.close()
}

describe('P-21 a full disk is an error, not damage (real disk)', () => {
  it('at 30 fill levels of a small tmpfs', (context) => {
    for (let n = 0; n < LEVELS; n++) {
      const disk = smallDisk()
      if (disk === undefined) {
        process.stderr.write('\nSKIPPED: P-21 on a real disk needs the right to mount a tmpfs (Linux, root).\n')
        context.skip()
        return
      }
      try {
        level(disk, n)
      } finally {
        unmount(disk)
      }
    }
  })
})
