import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type Clock, isAppError } from '../../core/kit/index.ts'
import { openStore, type Store, type Tx } from '../../core/store/index.ts'

/** Number of repetitions: the small one in every run, the promised one in the full suite. */
export const repetitions = (normal: number, full: number): number =>
  process.env.AIRLOCK_TEST_FULL === '1' ? full : normal

const folders: string[] = []
const stores: Store[] = []

afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-store-'))
  folders.push(folder)
  return folder
}

/** A clock that advances one second with every look. */
export function tickingClock(start = 1_700_000_000_000): Clock {
  let now = start
  return {
    now() {
      now += 1000
      return now
    },
    seconds: () => now / 1000,
    every: () => () => undefined,
  }
}

/** A writable store, closed after the test. */
export function freshStore(options: { folder?: string; maxBytes?: number } = {}): Store {
  const { folder = temporaryFolder(), ...rest } = options
  const store = openStore(folder, { actor: '测试员', clock: tickingClock(), ...rest })
  stores.push(store)
  return store
}

/** Code of the AppError that `work` throws; fails when it throws something else or nothing. */
export function codeOf(work: () => unknown): string {
  return errorOf(work).code
}

export function errorOf(work: () => unknown): { code: string; data: Readonly<Record<string, unknown>> } {
  try {
    work()
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** A digest-shaped text, different for each number. */
export const digest = (n: number): string => n.toString(16).padStart(64, '0')

export interface Seed {
  projectId: string
  datasetId: string
  versionId: string
  runId: string
}

/** A project with a dataset version, a model and a running run: what most repositories refer to. */
export function seed(tx: Tx): Seed {
  const projectId = tx.projects.add({ name: '内科分诊' })
  const datasetId = tx.datasets.add({ projectId, name: 'triage' })
  const recipeHash = tx.recipes.add({ name: 'triage', seed: 42 })
  const versionId = tx.datasets.addVersion({ datasetId, contentHash: digest(1), testHash: digest(2), recipeHash })
  const modelId = tx.models.add({
    id: 'tiny',
    name: 'Tiny',
    path: '/models/tiny',
    kind: 'folder',
    fingerprint: { weights: digest(3) },
    parameters: 1_000,
    sizeBytes: 4_000,
    licence: 'Apache-2.0',
  })
  const runId = tx.runs.add({ projectId, recipeHash, modelId, versionId, jobFolder: '/jobs/1' })
  tx.audit({ action: 'test.seed', subject: projectId })
  return { projectId, datasetId, versionId, runId }
}
