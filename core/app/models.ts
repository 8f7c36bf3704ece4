import { basename, join } from 'node:path'
import type { ModelDetails, ModelSummary, ModelVerification } from '../contract/app.ts'
import { changedPart, fingerprintParts, type ModelFingerprint } from '../contract/domain/fingerprint.ts'
import type { AppIo } from '../contract/progress.ts'
import { AppError, diskFiles, sizeOnDisk } from '../kit/index.ts'
import {
  checkTensors,
  fingerprintOf,
  loadLanguage,
  type ModelConfig,
  type ModelLanguage,
  openModel,
  parameterCount,
  storageType,
} from '../models/index.ts'
import type { AppContext } from './context.ts'

/** A model as found on disk just now. */
export interface ExaminedModel {
  readonly path: string
  readonly kind: 'folder' | 'gguf'
  readonly config: ModelConfig
  readonly fingerprint: ModelFingerprint
  readonly licence: string | null
  readonly language: ModelLanguage
}

/** Opens, checks and hashes a model; nothing of it is executed. */
export function examineModel(path: string, io: AppIo): ExaminedModel {
  const model = openModel(path)
  try {
    checkTensors(model.config, model.tensors)
    const language = loadLanguage(model)
    const parts = {
      config: model.config,
      source: model.source,
      tokenizerDigest: language.tokenizer.digest,
      templateDigest: language.template?.digest ?? '',
    }
    const fingerprint = fingerprintOf(parts, (done, total) => {
      io.cancel.throwIfRequested()
      io.progress({ stage: 'verify', done, total, unit: 'files' })
    })
    const licence = model.metadata?.get('general.license')
    return {
      path,
      kind: model.kind,
      config: model.config,
      fingerprint,
      licence: typeof licence === 'string' ? licence : null,
      language,
    }
  } finally {
    model.close()
  }
}

/** An id made of a file name: lower case, hyphens, no quantisation suffix guessing. */
function idFromPath(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
  return name.replace(/[^a-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'model'
}

/** Models that `model fetch` obtained, by id: `<cache>/<id>/` holds one .gguf file or a model folder. */
function cachedModels({ options }: AppContext): Map<string, string> {
  const found = new Map<string, string>()
  if (!diskFiles.exists(options.modelCache)) return found
  for (const id of diskFiles.list(options.modelCache)) {
    const folder = join(options.modelCache, id)
    if (diskFiles.exists(join(folder, 'config.json'))) found.set(id, folder)
    else {
      const file = listFolder(folder).find((name) => /\.gguf$/i.test(name))
      if (file !== undefined) found.set(id, join(folder, file))
    }
  }
  return found
}

function listFolder(path: string): string[] {
  try {
    return diskFiles.list(path)
  } catch {
    return [] // a plain file
  }
}

/** A model chosen for a job: registered here, obtained by `fetch`, or given by its path. */
export interface ChosenModel {
  readonly id: string
  readonly path: string
  /** What was registered, when it was. */
  readonly registered: ModelFingerprint | null
}

/** Two folders may have one name: the second model given by its path gets a number. */
function freeId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`
  return id
}

/** Finds a model by id or path; `model.not_registered` names what is there. */
export function findModel(context: AppContext, wanted: { id: string } | { path: string }): ChosenModel {
  const registered = context.reader()?.models.list() ?? []
  if ('path' in wanted) {
    const same = registered.find((m) => m.path === wanted.path)
    return {
      id: same?.id ?? freeId(idFromPath(wanted.path), new Set(registered.map((m) => m.id))),
      path: wanted.path,
      registered: (same?.fingerprint as unknown as ModelFingerprint) ?? null,
    }
  }
  const known = registered.find((m) => m.id === wanted.id)
  if (known !== undefined)
    return { id: known.id, path: known.path, registered: known.fingerprint as unknown as ModelFingerprint }
  const cached = cachedModels(context)
  const path = cached.get(wanted.id)
  if (path === undefined)
    throw new AppError('model.not_registered', {
      model: wanted.id,
      known: [...new Set([...registered.map((m) => m.id), ...cached.keys()])],
    })
  return { id: wanted.id, path, registered: null }
}

/** Examines a chosen model; one that differs from its registration is refused (`model.changed`). Writes nothing. */
export function checkModel(chosen: ChosenModel, io: AppIo): ExaminedModel {
  const examined = examineModel(chosen.path, io)
  const part = chosen.registered === null ? null : changedPart(chosen.registered, examined.fingerprint)
  if (part !== null) throw new AppError('model.changed', { model: chosen.id, part })
  return examined
}

/** Enters a checked model into the store unless it is there, so that runs can refer to it. */
export function enterModel(context: AppContext, chosen: ChosenModel, model: ExaminedModel): void {
  if (chosen.registered === null) register(context, chosen.id, model)
}

function register(context: AppContext, id: string, model: ExaminedModel): void {
  context.store().write((tx) => {
    tx.models.add({
      id,
      name: id,
      path: model.path,
      kind: model.kind,
      fingerprint: { ...model.fingerprint },
      parameters: parameterCount(model.config),
      sizeBytes: sizeOnDisk(model.path),
      licence: model.licence,
    })
    tx.audit({ action: 'model.add', subject: id, detail: { fingerprint: { ...model.fingerprint } } })
  })
}

export async function modelAdd(
  context: AppContext,
  input: { path: string; name: string | null },
  io: AppIo,
): Promise<ModelDetails> {
  const examined = examineModel(input.path, io)
  const id = input.name ?? idFromPath(input.path)
  register(context, id, examined)
  return detailsOf(id, examined, 'workspace')
}

function detailsOf(id: string, model: ExaminedModel, source: ModelSummary['source']): ModelDetails {
  const { config, fingerprint } = model
  return {
    id,
    family: config.family,
    parameters: parameterCount(config),
    bytes: sizeOnDisk(model.path),
    storage: fingerprint.storage,
    path: model.path,
    source,
    fingerprint: { ...fingerprint },
    layers: config.layers,
    hiddenSize: config.hidden,
    vocabulary: config.vocab,
    contextLength: config.maxPositions,
    licence: model.licence,
  }
}

export async function modelList(context: AppContext): Promise<{ models: ModelSummary[] }> {
  const registered = context.reader()?.models.list() ?? []
  const ids = new Set(registered.map((m) => m.id))
  const paths = [
    ...registered.map((m) => ({ id: m.id, path: m.path, source: 'workspace' as const })),
    ...[...cachedModels(context)]
      .filter(([id]) => !ids.has(id))
      .map(([id, path]) => ({ id, path, source: 'cache' as const })),
  ]
  return { models: paths.map(({ id, path, source }) => summaryOf(id, path, source)) }
}

/** A listing reads headers only, so that it stays quick with large models. */
function summaryOf(id: string, path: string, source: ModelSummary['source']): ModelSummary {
  const model = openModel(path)
  try {
    const storage = storageType(model.source)
    return {
      id,
      family: model.config.family,
      parameters: parameterCount(model.config),
      bytes: sizeOnDisk(path),
      storage,
      path,
      source,
    }
  } finally {
    model.close()
  }
}

export async function modelShow(context: AppContext, { id }: { id: string }, io: AppIo): Promise<ModelDetails> {
  const chosen = findModel(context, { id })
  return detailsOf(id, examineModel(chosen.path, io), chosen.registered === null ? 'cache' : 'workspace')
}

export async function modelVerify(context: AppContext, { id }: { id: string }, io: AppIo): Promise<ModelVerification> {
  const chosen = findModel(context, { id })
  const { fingerprint } = examineModel(chosen.path, io)
  const expected = chosen.registered ?? fingerprint
  const checks = fingerprintParts.map((name) => ({
    name,
    ok: expected[name] === fingerprint[name],
    expected: expected[name],
    found: fingerprint[name],
  }))
  return { id, ok: checks.every((c) => c.ok), checks }
}
