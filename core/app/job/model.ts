import { changedPart, type ModelFingerprint } from '../../contract/domain/fingerprint.ts'
import { AppError } from '../../kit/index.ts'
import {
  fingerprintOf,
  loadLanguage,
  loadWeights,
  type ModelConfig,
  type ModelLanguage,
  openModel,
  type WeightStore,
} from '../../models/index.ts'
import type { JobIo } from './worker.ts'

/** A base model in memory. */
export interface LoadedModel {
  readonly id: string
  readonly config: ModelConfig
  readonly language: ModelLanguage
  readonly weights: WeightStore
}

export interface JobModel {
  readonly id: string
  readonly path: string
  readonly fingerprint: ModelFingerprint
}

/** Loads the job's model after checking that it is still the one the job was made for. */
export function loadJobModel({ id, path, fingerprint }: JobModel, io: JobIo): LoadedModel {
  const opened = openModel(path)
  try {
    const language = loadLanguage(opened)
    const found = fingerprintOf({
      config: opened.config,
      source: opened.source,
      tokenizerDigest: language.tokenizer.digest,
      templateDigest: language.template?.digest ?? '',
    })
    const part = changedPart(found, fingerprint)
    if (part !== null) throw new AppError('model.changed', { model: id, part })
    const weights = loadWeights(opened.config, opened.tensors, (done, total) =>
      io.progress({ stage: 'load', done, total, unit: 'files' }),
    )
    return { id, config: opened.config, language, weights }
  } finally {
    opened.close()
  }
}
