import { join } from 'node:path'
import { createIdentity, hasIdentity, openIdentity, writeBundle } from '../../adapters/index.ts'
import type { EvaluationOutcome } from '../../contract/domain/report.ts'
import type { AppIo } from '../../contract/progress.ts'
import type { ExportFormat } from '../../contract/recipe/index.ts'
import type { Artifacts, TrainResult } from '../../contract/result.ts'
import { writeYaml } from '../../formats/yaml/index.ts'
import { diskFiles, isoTime, sha256, writeAtomic } from '../../kit/index.ts'
import { renderReport, withoutRowText } from '../../report/index.ts'
import type { AppContext } from '../context.ts'
import { evaluationResult, type FinishedJob } from './finish.ts'
import { reportData } from './report-data.ts'

export interface HandOverInput {
  readonly finished: FinishedJob
  readonly outcome: EvaluationOutcome | null
  readonly train: TrainResult
  readonly testSplitUses: number
  readonly recipeHash: string
}

export interface HandedOver {
  readonly artifacts: Artifacts
  readonly adapterSha256: string
  /** Who signed the bundle; null when none was asked for. */
  readonly bundle: { readonly keyId: string } | null
}

/** Files of an exported adapter. */
const adapterFiles = ['adapter_config.json', 'adapter_model.safetensors']

/** Writes report and bundle into the result folder of a run. */
export async function handOver(
  context: AppContext,
  input: HandOverInput,
  formats: readonly ExportFormat[],
  io: AppIo,
): Promise<HandedOver> {
  const { folder, job } = input.finished
  const weights = diskFiles.read(join(folder.adapter, 'adapter_model.safetensors'))
  const adapterSha256 = sha256(weights)
  const signer = formats.includes('bundle') ? signerOf(context, io) : null
  const data = reportData(context, input, { sha256: adapterSha256, bytes: weights.byteLength, signer })
  const artifacts: Artifacts = {}
  if (formats.includes('peft')) artifacts.peft = folder.adapter
  io.progress({ stage: 'report', done: 1, total: 1, unit: 'files' })
  if (job.recipe.export.report !== 'none') {
    artifacts.report = join(folder.result, 'report.html')
    writeAtomic(artifacts.report, renderReport(data, io.lang))
  }
  if (signer !== null) {
    artifacts.bundle = join(folder.result, `${job.project}.airlock`)
    // The bundle leaves the room, the rows do not: its report quotes none of them.
    const report = renderReport(withoutRowText(data), io.lang)
    await writeRunBundle(context, input, { path: artifacts.bundle, report, signer })
    io.progress({ stage: 'export', done: 1, total: 1, unit: 'files' })
  }
  return { artifacts, adapterSha256, bundle: signer === null ? null : { keyId: signer.id } }
}

type OpenedSigner = ReturnType<typeof openIdentity>

/** The workspace's signing identity; a first export makes one, and says so. */
function signerOf({ folders, options, clock, store }: AppContext, io: AppIo): OpenedSigner {
  if (!hasIdentity(folders.keys)) {
    const made = createIdentity({
      folder: folders.keys,
      name: 'Airlock',
      clock,
      ...(options.passphrase === null ? {} : { passphrase: options.passphrase }),
    })
    store().write((tx) =>
      tx.audit({ action: 'keys.create', subject: made.id, detail: { name: made.name, automatic: true } }),
    )
    io.log({ level: 'info', key: 'note.identityCreated', data: { id: made.id } })
  }
  return openIdentity(folders.keys, options.passphrase ?? undefined)
}

async function writeRunBundle(
  context: AppContext,
  input: HandOverInput,
  to: { path: string; report: string; signer: OpenedSigner },
): Promise<void> {
  const { finished, outcome, train, recipeHash } = input
  const { folder, job } = finished
  const encoder = new TextEncoder()
  const metrics = {
    evaluation: evaluationResult(outcome),
    train: { steps: train.steps, finalLoss: train.losses.at(-1) ?? null, seconds: train.seconds },
  }
  const { rows, trainRows, testRows, classes, ratioBefore, ratioAfter } = job.data
  await writeBundle({
    path: to.path,
    manifest: {
      name: job.project,
      created: isoTime(context.clock.now()),
      base: { id: job.model.id, fingerprint: job.model.fingerprint },
      recipeHash,
      data: { rows, trainRows, testRows, classes, ratioBefore, ratioAfter, testHash: job.testHash },
      metrics: JSON.parse(JSON.stringify(summaryMetrics(outcome))) as Record<string, unknown>,
      parents: [],
      codeVersion: job.codeVersion,
      ...auditAnchor(context),
    },
    files: [
      ...adapterFiles.map((name) => ({ path: `adapter/${name}`, data: diskFiles.read(join(folder.adapter, name)) })),
      { path: 'report.html', data: encoder.encode(to.report) },
      { path: 'metrics.json', data: encoder.encode(JSON.stringify(metrics)) },
      { path: 'recipe.yaml', data: encoder.encode(writeYaml(job.recipe)) },
    ],
    signer: to.signer,
  })
}

/** Head of the audit chain at this moment: kept outside the store, it later shows whether the trail was cut or rewritten. */
function auditAnchor(context: AppContext): object {
  const head = context.store().read.audit.head()
  return head === undefined ? {} : { audit: { seq: head.seq, hash: head.hash } }
}

/** The few numbers a passport shows. */
function summaryMetrics(outcome: EvaluationOutcome | null): Record<string, unknown> {
  if (outcome === null) return {}
  if (outcome.kind === 'loss')
    return { loss: { base: outcome.base?.loss ?? null, tuned: outcome.tuned.loss }, n: outcome.tuned.n }
  const of = (key: 'accuracy' | 'macroF1') => ({
    base: outcome.base?.[key] ?? null,
    tuned: outcome.tuned[key],
    ci95: outcome.tuned.ci95[key],
  })
  return { accuracy: of('accuracy'), macroF1: of('macroF1'), n: outcome.tuned.n }
}
