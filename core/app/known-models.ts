import type { LocalModel } from '../adapters/index.ts'
import type { InspectedBase } from '../contract/app.ts'
import { compareFingerprints, type ModelFingerprint } from '../contract/domain/fingerprint.ts'
import type { AppIo } from '../contract/progress.ts'
import { diskFiles, isAppError } from '../kit/index.ts'
import type { AppContext } from './context.ts'
import { examineModel, findModel } from './models.ts'

/** Which model of this machine an adapter belongs to. */
export interface FoundBase {
  readonly verdict: InspectedBase
  /** Id of the model that fits best; null when none does. */
  readonly model: string | null
  /** Every model that was compared: what the gate of an import judges by. */
  readonly models: readonly LocalModel[]
}

/**
 * Looks for the base model of an adapter: first among the registered models, whose fingerprints are known, then among
 * those of the user's cache, which are examined now, so that nobody must register a model to get a verdict.
 * `unknown`: there is no model here to compare with.
 */
export function findBase(context: AppContext, fingerprint: ModelFingerprint, io: AppIo): FoundBase {
  const registered = registeredModels(context)
  const known = judge(fingerprint, registered)
  if (known.model !== null) return known
  return judge(fingerprint, [...registered, ...cachedModels(context, registered, io)])
}

/** Exact before another precision; among equals the first. */
function judge(fingerprint: ModelFingerprint, models: readonly LocalModel[]): FoundBase {
  for (const verdict of ['exact', 'same-other-precision'] as const) {
    const match = models.find((model) => compareFingerprints(fingerprint, model.fingerprint) === verdict)
    if (match !== undefined) return { verdict, model: match.id, models }
  }
  return { verdict: models.length === 0 ? 'unknown' : 'different', model: null, models }
}

function registeredModels(context: AppContext): LocalModel[] {
  const models = context.reader()?.models.list() ?? []
  return models.map(({ id, fingerprint }) => ({ id, fingerprint: fingerprint as unknown as ModelFingerprint }))
}

/** Fingerprints of the cached models that are not registered; one that cannot be read matches nothing. */
function cachedModels(context: AppContext, registered: readonly LocalModel[], io: AppIo): LocalModel[] {
  const { modelCache } = context.options
  const names = diskFiles.exists(modelCache) ? diskFiles.list(modelCache) : []
  return names.flatMap((id) => {
    if (registered.some((model) => model.id === id)) return []
    io.cancel.throwIfRequested()
    try {
      return [{ id, fingerprint: examineModel(findModel(context, { id }).path, io).fingerprint }]
    } catch (error) {
      if (!isAppError(error) || error.code === 'job.cancelled') throw error
      return []
    }
  })
}
