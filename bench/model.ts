import { isAbsolute } from 'node:path'
import type { Command } from 'commander'
import { appContext } from '../core/app/context.ts'
import { findModel } from '../core/app/models.ts'
import { pathOrId } from '../core/cli/commands/shared.ts'
import { userFolders } from '../core/cli/folders.ts'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import type { AppOptions } from '../core/contract/app.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { nodeProcesses } from '../core/host/index.ts'
import { callerPath } from '../core/kit/index.ts'
import {
  loadLanguage,
  loadWeights,
  type ModelConfig,
  type ModelLanguage,
  openModel,
  type WeightStore,
} from '../core/models/index.ts'

/** The user's own folders and the options of this call, as the product's command line understands them. */
export function appOptions(session: Session, command: Command): AppOptions {
  const folders = userFolders(session.host.surroundings)
  const { workspace, threads } = command.optsWithGlobals<CommonOptions>()
  return {
    workspace: callerPath(workspace ?? folders.workspace),
    modelCache: callerPath(folders.modelCache),
    logs: callerPath(folders.logs),
    threads: threads ?? null,
    passphrase: null,
    version: session.version,
  }
}

/**
 * Absolute path of a model given as a folder, a .gguf file or the id of one that is registered or was obtained. The
 * workspace is only read. Errors: `model.not_registered`.
 */
export function modelPath(options: AppOptions, wanted: string): string {
  const found = pathOrId(wanted)
  const context = appContext(options, nodeProcesses)
  try {
    return findModel(context, isAbsolute(found) ? { path: found } : { id: found }).path
  } finally {
    context.close()
  }
}

/** A base model in memory. */
export interface BaseModel {
  readonly path: string
  readonly config: ModelConfig
  readonly weights: WeightStore
  /** Tokenizer and chat template, for measurements on text. Errors: `model.file_missing`, `text.*`. */
  language(): ModelLanguage
}

/** Loads a model as a job does, except that nothing is compared with a registration. Errors: `model.*`, `format.*`. */
export function loadBase(path: string, io: Pick<AppIo, 'progress' | 'cancel'>): BaseModel {
  const opened = openModel(path)
  try {
    const weights = loadWeights(opened.config, opened.tensors, (done, total) => {
      io.cancel.throwIfRequested()
      io.progress({ stage: 'load', done, total, unit: 'files' })
    })
    return { path, config: opened.config, weights, language: () => loadLanguage(opened) }
  } finally {
    opened.close()
  }
}
