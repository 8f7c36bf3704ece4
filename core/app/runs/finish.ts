import type { ClassificationResult, EvaluationOutcome, LossResult } from '../../contract/domain/report.ts'
import type { NewPrediction } from '../../contract/domain/store.ts'
import type { AppIo } from '../../contract/progress.ts'
import type { EvaluationResult, RunResult, Scores, TrainResult } from '../../contract/result.ts'
import { evaluateClassification, evaluateLoss } from '../../eval/index.ts'
import { canonicalJson, diskFiles, sha256 } from '../../kit/index.ts'
import type { AppContext } from '../context.ts'
import { type Job, type JobFolder, jobFolder, readJob, readJson, readLines } from '../job/folder.ts'
import type { Prediction } from '../job/predict.ts'
import type { TrainingRecord } from '../job/tune.ts'
import { handOver } from './hand-over.ts'

/** What a finished job folder holds, read back. */
export interface FinishedJob {
  readonly folder: JobFolder
  readonly job: Job
  readonly training: TrainingRecord
  readonly predictions: { readonly base: readonly Prediction[] | null; readonly tuned: readonly Prediction[] } | null
}

export function readFinished(path: string): FinishedJob {
  const folder = jobFolder(path)
  const lines = (which: 'base' | 'tuned'): Prediction[] | null =>
    diskFiles.exists(folder.predictions(which)) ? readLines<Prediction>(folder.predictions(which)) : null
  const tuned = lines('tuned')
  return {
    folder,
    job: readJob(folder),
    training: readJson<TrainingRecord>(folder.training),
    predictions: tuned === null ? null : { base: lines('base'), tuned },
  }
}

/** Base beside tuned with intervals, or null when nothing was predicted. */
export function evaluate(
  job: Pick<Job, 'labels' | 'recipe'> & { readonly data: Pick<Job['data'], 'classes'> },
  predictions: FinishedJob['predictions'],
): EvaluationOutcome | null {
  if (predictions === null || predictions.tuned.length === 0) return null
  const { seed } = job.recipe
  const { base, tuned } = predictions
  if (job.labels.length === 0) {
    const losses = (all: readonly Prediction[]) =>
      all.filter((p) => p.tokens > 0).map((p) => ({ rowId: p.rowId, lossSum: p.loss, tokens: p.tokens }))
    return evaluateLoss({ tuned: losses(tuned), base: base === null ? undefined : losses(base), seed })
  }
  const answers = (all: readonly Prediction[]) =>
    all.map((p) => ({ rowId: p.rowId, gold: p.gold ?? '', predicted: p.predicted ?? '' }))
  return evaluateClassification({
    labels: job.labels,
    trainCounts: job.data.classes,
    base: base === null ? undefined : answers(base),
    tuned: answers(tuned),
    seed,
  })
}

/** The evaluation as `run --json` shows it. */
export function evaluationResult(outcome: EvaluationOutcome | null): EvaluationResult | null {
  if (outcome === null) return null
  if (outcome.kind === 'loss') {
    const scores = (r: LossResult): Scores => ({
      n: r.n,
      loss: r.loss,
      perplexity: r.perplexity,
      tokens: r.tokens,
      ci95: { loss: [...r.ci95.loss], perplexity: [...r.ci95.perplexity] },
    })
    return { base: outcome.base ? scores(outcome.base) : null, tuned: scores(outcome.tuned) }
  }
  const scores = (r: ClassificationResult): Scores => JSON.parse(JSON.stringify(r)) as Scores
  return {
    base: outcome.base ? scores(outcome.base) : null,
    tuned: scores(outcome.tuned),
    majority: { ...scores(outcome.majority), label: outcome.majority.label },
    comparison: outcome.comparison ?? null,
    withoutTestRows: outcome.withoutTestRows,
  }
}

function trainResult({ job, training }: FinishedJob, peakMemoryBytes: number): TrainResult {
  const { steps, seconds } = training
  const sum = (of: (s: (typeof steps)[number]) => number): number => steps.reduce((n, s) => n + of(s), 0)
  return {
    steps: steps.length,
    epochs:
      job.recipe.train.maxSteps === null
        ? job.recipe.train.epochs
        : sum((s) => s.rows) / Math.max(1, job.data.trainRows),
    losses: steps.map((s) => s.loss),
    learningRates: steps.map((s) => s.learningRate),
    gradNorms: steps.map((s) => s.gradNorm),
    rowsPerSecond: seconds > 0 ? sum((s) => s.rows) / seconds : 0,
    tokensPerSecond: seconds > 0 ? sum((s) => s.tokens) / seconds : 0,
    supervisedTokens: sum((s) => s.supervisedTokens),
    seconds,
    peakMemoryBytes,
    trainableParameters: training.trainableParameters,
    precision: training.plan.precision,
    device: training.plan.device,
  }
}

/** Turns a finished job folder into the run's result: evaluation, adapter, bundle, report, and one transaction that records them. */
export async function finishRun(
  context: AppContext,
  run: string,
  peakMemoryBytes: number,
  io: AppIo,
): Promise<RunResult> {
  const record = context.store().read.runs.byId(run)!
  const finished = readFinished(record.jobFolder)
  const { job, training } = finished
  const outcome = evaluate(job, finished.predictions)
  const uses = (context.store().read.evaluations.testSplit(job.testHash)?.uses ?? 0) + (outcome === null ? 0 : 1)
  const train = trainResult(finished, peakMemoryBytes)
  const recipeHash = sha256(canonicalJson(job.recipe))
  const { artifacts, adapterSha256, bundle } = await handOver(
    context,
    { finished, outcome, train, testSplitUses: uses, recipeHash },
    job.recipe.export.formats,
    io,
  )
  const result: RunResult = {
    project: job.project,
    run,
    model: job.model.id,
    data: job.data,
    privacy: { scanned: false, acceptedBy: job.recipe.privacy.acceptedBy },
    train,
    evaluation: evaluationResult(outcome),
    artifacts,
    adapter: { sha256: adapterSha256 },
    planHash: training.planHash,
  }
  recordRun(context, { run, projectId: record.projectId, finished, outcome, result, adapterSha256, bundle })
  return result
}

interface Outcome {
  readonly run: string
  readonly projectId: string
  readonly finished: FinishedJob
  readonly outcome: EvaluationOutcome | null
  readonly result: RunResult
  readonly adapterSha256: string
  readonly bundle: { readonly keyId: string } | null
}

function recordRun(
  context: AppContext,
  { run, projectId, finished, outcome, result, adapterSha256, bundle }: Outcome,
): void {
  const { job, predictions, folder } = finished
  context.store().write((tx) => {
    const adapterId =
      tx.adapters.list({ runId: run })[0]?.id ??
      tx.adapters.add({
        name: job.project,
        runId: run,
        path: folder.adapter,
        baseFingerprint: { ...job.model.fingerprint },
        sha256: adapterSha256,
        imported: false,
        ...(bundle === null ? {} : { signer: bundle.keyId, verdict: 'own' }),
      })
    if (outcome !== null && predictions !== null) {
      const evaluation = tx.evaluations.add({
        projectId,
        runId: run,
        adapterId,
        splitHash: job.testHash,
        verdict: true,
        result: { ...result.evaluation },
      })
      tx.evaluations.addPredictions(evaluation, predictionRecords(predictions))
    }
    tx.runs.setState(run, 'done', { summary: JSON.parse(JSON.stringify(result)) })
    tx.audit({ action: 'run.done', subject: run, detail: { adapter: adapterSha256, planHash: result.planHash } })
  })
}

/** Predictions as the store keeps them: base before tuned. */
export function predictionRecords({ base, tuned }: NonNullable<FinishedJob['predictions']>): NewPrediction[] {
  const records = (which: 'base' | 'tuned', all: readonly Prediction[]): NewPrediction[] =>
    all.map(({ rowId, gold, predicted, scores }) => ({ rowId, which, gold, predicted, scores }))
  return [...records('base', base ?? []), ...records('tuned', tuned)]
}
