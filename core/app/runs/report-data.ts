import type { ChangedPrediction, ReportData, WrongPrediction } from '../../contract/domain/report.ts'
import { changedPredictions, worstPredictions } from '../../eval/index.ts'
import { isoTime, machineFacts } from '../../kit/index.ts'
import type { AppContext } from '../context.ts'
import { readJobRows } from '../job/folder.ts'
import type { Prediction } from '../job/predict.ts'
import type { HandOverInput } from './hand-over.ts'

export interface ReportedAdapter {
  readonly sha256: string
  readonly bytes: number
  readonly signer: { readonly id: string; readonly name: string } | null
}

/** Everything a report shows, gathered from the job folder. */
export function reportData(context: AppContext, input: HandOverInput, adapter: ReportedAdapter): ReportData {
  const { finished, outcome, train, testSplitUses, recipeHash } = input
  const { job, training } = finished
  const { recipe } = job
  const nearLeaks = job.findings.find((f) => f.kind === 'nearLeaks')?.count ?? 0
  const { user, answer, system } = recipe.prompt
  return {
    schemaVersion: 1,
    project: job.project,
    run: job.run,
    createdAt: isoTime(context.clock.now()),
    task: recipe.task,
    seed: recipe.seed,
    productVersion: job.codeVersion,
    recipeHash,
    planHash: training.planHash,
    ...(user === null || answer === null ? {} : { prompt: { user, answer, ...(system === null ? {} : { system }) } }),
    model: { id: job.model.id, fingerprint: job.model.fingerprint },
    data: {
      ...job.data,
      classesBefore: job.classesBefore,
      balance: { method: recipe.balance.method, maxRatio: recipe.balance.maxRatio },
      nearLeaks: { found: nearLeaks, action: recipe.data.nearLeaks },
      personalData: undefined,
      privacy: { scan: false, findings: recipe.privacy.findings, acceptedBy: recipe.privacy.acceptedBy ?? undefined },
      testSplitUses: testSplitUses === 0 ? undefined : testSplitUses,
    },
    method: {
      ...recipe.method,
      targets: recipe.method.targets === 'all-linear' ? ['all-linear'] : [...recipe.method.targets],
      epochs: recipe.train.epochs,
      batchSize: recipe.train.batchSize,
      learningRate: Number(recipe.train.learningRate),
      schedule: recipe.train.schedule,
      warmup: recipe.train.warmup,
      weightDecay: recipe.train.weightDecay,
      maxGradNorm: recipe.train.maxGradNorm,
      maxLength: recipe.train.maxLength,
    },
    train: { ...train, threads: training.plan.threads },
    evaluation: outcome ?? undefined,
    scoring: recipe.evaluate.scoring,
    ...rowsWorthReading(input),
    machine: machineFacts(),
    adapter: { name: job.project, sha256: adapter.sha256, bytes: adapter.bytes },
    signature:
      adapter.signer === null
        ? undefined
        : { keyId: adapter.signer.id, signer: adapter.signer.name, algorithm: 'Ed25519' },
  }
}

const shownRows = 10

/** Worst predictions and changed rows with their text. */
function rowsWorthReading({ finished }: HandOverInput): Pick<ReportData, 'worst' | 'changed'> {
  const { job, folder, predictions } = finished
  if (predictions === null || job.labels.length === 0) return {}
  const text = new Map(readJobRows(folder).map((r) => [r.id, r.fields.text ?? '']))
  const scored = (all: readonly Prediction[]) =>
    all.map((p) => ({ rowId: p.rowId, gold: p.gold ?? '', predicted: p.predicted ?? '', scores: p.scores }))
  const withText = <T extends WrongPrediction | ChangedPrediction>(rows: readonly T[]): T[] =>
    rows.map((r) => ({ ...r, text: text.get(r.rowId) }))
  const worst = withText(worstPredictions(scored(predictions.tuned), shownRows))
  if (predictions.base === null) return { worst }
  const { better, worse, ...totals } = changedPredictions(
    scored(predictions.base),
    scored(predictions.tuned),
    shownRows,
  )
  return { worst, changed: { ...totals, better: withText(better), worse: withText(worse) } }
}
