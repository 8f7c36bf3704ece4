import { basename } from 'node:path'
import { type BundleInspection, inspectBundle, openTrustStore, readPeft } from '../adapters/index.ts'
import type { AirlockApp, Inspection } from '../contract/app.ts'
import { describeError } from '../contract/errors/describe.ts'
import type { AppIo } from '../contract/progress.ts'
import { fileFacts } from '../kit/file-facts.ts'
import { AppError } from '../kit/index.ts'
import type { AppContext } from './context.ts'
import { type FoundBase, findBase } from './known-models.ts'

type Input = Parameters<AirlockApp['inspect']>[0]

/** Problems of one bundle that are named; a forged one may hold thousands. */
const SHOWN_PROBLEMS = 20

/**
 * The verdict on a bundle or a PEFT folder before anything of it is loaded: who signed it, was it altered, is its base
 * model here. Errors: `file.not_found`; those of a file that is no bundle at all (`format.zip.*`, `bundle.*`).
 */
export async function inspect(context: AppContext, { file }: Input, io: AppIo): Promise<Inspection> {
  return isBundle(file) ? (await judgeBundle(context, file, io)).inspection : judgeFolder(context, file, io)
}

/** True for a file, false for a folder. Errors: `file.not_found`. */
export function isBundle(file: string): boolean {
  const facts = fileFacts(file)
  if (facts === undefined) throw new AppError('file.not_found', { path: file })
  return facts.isFile
}

export interface JudgedBundle {
  readonly inspection: Inspection
  /** With our own finding of the base model in place of none. */
  readonly found: BundleInspection
  readonly base: FoundBase
}

const NO_BASE: FoundBase = { verdict: 'unknown', model: null, models: [] }

export async function judgeBundle(context: AppContext, file: string, io: AppIo): Promise<JudgedBundle> {
  io.progress({ stage: 'verify', done: 0, total: 1, unit: 'files' })
  const trust = openTrustStore(context.folders.keys, context.clock)
  // Models are looked up afterwards: the ones in the cache are hashed only for a bundle that needs it.
  const judged = await inspectBundle(file, { trust, localFingerprints: [] })
  io.cancel.throwIfRequested()
  const { passport, signature } = judged
  const base = passport === null ? NO_BASE : findBase(context, passport.base.fingerprint, io)
  const { verdict, keyId, signer } = signature
  const isSigned = keyId !== null && verdict !== 'altered' && verdict !== 'unsigned'
  const problems = signature.problems.slice(0, SHOWN_PROBLEMS)
  const inspection: Inspection = {
    file,
    kind: 'bundle',
    name: passport?.name ?? basename(file, '.airlock'),
    signature: verdict,
    signer: isSigned ? { id: keyId, name: signer ?? '' } : null,
    author: passport?.author.name ?? null,
    base: base.verdict,
    baseModel: passport?.base.id ?? '',
    matchingModel: base.model,
    metrics: { ...passport?.metrics },
    problems: problems.map(({ code, path }) => describeError(new AppError(code, { path }), io.lang).message),
  }
  io.progress({ stage: 'verify', done: 1, total: 1, unit: 'files' })
  return { inspection, base, found: { ...judged, base: { verdict: base.verdict, model: base.model } } }
}

/** A folder carries no signature; its weight file may name the base model it was trained on. */
function judgeFolder(context: AppContext, folder: string, io: AppIo): Inspection {
  const { config, fingerprint } = readPeft(folder)
  const base = fingerprint === null ? NO_BASE : findBase(context, fingerprint, io)
  return {
    file: folder,
    kind: 'peft',
    name: basename(folder),
    signature: 'unsigned',
    signer: null,
    author: null,
    base: base.verdict,
    baseModel: config.baseModelId,
    matchingModel: base.model,
    metrics: {},
    problems: [],
  }
}
