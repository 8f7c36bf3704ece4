import { basename, isAbsolute, join } from 'node:path'
import { readPeft } from '../adapters/index.ts'
import type { ModelFingerprint } from '../contract/domain/fingerprint.ts'
import type { AppIo } from '../contract/progress.ts'
import { fileFacts } from '../kit/file-facts.ts'
import { AppError, diskFiles } from '../kit/index.ts'
import type { Adapter } from '../store/index.ts'
import { importAdapter } from './accept-bundle.ts'
import type { AppContext } from './context.ts'
import { checkImported, fileDigest, importedFolder } from './imported-adapter.ts'
import { jobFolder } from './job/folder.ts'

export { importAdapter } from './accept-bundle.ts'
export { inspect } from './inspect-adapter.ts'

/** An adapter chosen for evaluation or generation. */
export interface FoundAdapter {
  /** Absolute PEFT folder. */
  readonly folder: string
  readonly name: string
  /** Of the base model it was made for; null for a folder that does not say. */
  readonly fingerprint: ModelFingerprint | null
  readonly baseModelId: string
  /** Id in the store, where it is registered. */
  readonly adapter: string | null
  /** The run of this workspace that made it. */
  readonly runId: string | null
  /** Absolute path of the recipe it was made with, where a bundle brought one: prompt and classes. */
  readonly recipe: string | null
}

/**
 * Finds an adapter by (a) the id of an imported adapter, (b) the id of a finished run, (c) an absolute path of a PEFT
 * folder or (d) of a bundle, which is imported first through the same gate.
 * Errors: `adapter.unknown`, `adapter.changed`, `bundle.*`, `run.not_finished`, `adapter.*` of a PEFT folder.
 */
export async function findAdapter(context: AppContext, reference: string, io: AppIo): Promise<FoundAdapter> {
  const stored = findStored(context, reference)
  if (stored !== null) return stored
  const facts = isAbsolute(reference) ? fileFacts(reference) : undefined
  if (facts?.isFile) return findAdapter(context, (await importAdapter(context, { file: reference }, io)).adapter, io)
  if (facts !== undefined) return fromFolder(reference, { name: basename(reference) })
  const known =
    context
      .reader()
      ?.adapters.list()
      .map(({ id }) => id) ?? []
  throw new AppError('adapter.unknown', { adapter: reference, known })
}

function findStored(context: AppContext, id: string): FoundAdapter | null {
  const reader = context.reader()
  const record = reader?.adapters.byId(id)
  if (record !== undefined) return record.imported ? fromImport(context, record) : fromOwn(record)
  const run = reader?.runs.byId(id)
  if (run === undefined) return null
  if (run.state !== 'done') throw new AppError('run.not_finished', { run: id })
  const [made] = reader?.adapters.list({ runId: id }) ?? []
  if (made !== undefined) return fromOwn(made)
  const name = reader?.projects.byId(run.projectId)?.name ?? id
  return fromFolder(jobFolder(run.jobFolder).adapter, { name, runId: id })
}

function fromImport(context: AppContext, record: Adapter): FoundAdapter {
  checkImported(context, record)
  // By the workspace as it is now, which may have been moved since the import.
  const { recipe, adapter } = importedFolder(context, record.id)
  return {
    ...fromFolder(adapter, { name: record.name, adapter: record.id }),
    // The signed manifest names the base; an adapter of another tool may not say it in its own files.
    fingerprint: record.baseFingerprint as unknown as ModelFingerprint,
    recipe: diskFiles.exists(recipe) ? recipe : null,
  }
}

function fromOwn(record: Adapter): FoundAdapter {
  const weights = join(record.path, 'adapter_model.safetensors')
  if (fileDigest(weights) !== record.sha256) {
    throw new AppError('adapter.changed', { adapter: record.id, path: 'adapter_model.safetensors' })
  }
  return fromFolder(record.path, { name: record.name, adapter: record.id, runId: record.runId })
}

function fromFolder(
  folder: string,
  facts: Pick<FoundAdapter, 'name'> & Partial<Pick<FoundAdapter, 'adapter' | 'runId'>>,
): FoundAdapter {
  const { fingerprint, config } = readPeft(folder)
  return { folder, fingerprint, baseModelId: config.baseModelId, adapter: null, runId: null, recipe: null, ...facts }
}
