import type { ModelFingerprint } from './fingerprint.ts'

/**
 * The numbers of an evaluation and everything a report shows, as plain data: `eval` fills the first half, the run fills
 * the rest, `report` renders it. Names follow the result of `run --json`; whatever may not exist for a task is optional.
 */

/** A 95 % interval, low first. */
export type Interval = readonly [low: number, high: number]

export type TaskKind = 'classification' | 'instruction' | 'chat' | 'text'

/** One class as measured on the test split; all shares are 0..1. */
export interface ClassScore {
  precision: number
  recall: number
  f1: number
  /** Test rows whose right answer is this class. */
  support: number
  /** Test rows for which this class was predicted. */
  predicted: number
  /** Wilson for recall and precision (absent when the class was never predicted), bootstrap for F1. */
  ci95: { precision?: Interval | undefined; recall: Interval; f1: Interval }
}

/** How one model (or the majority rule) did on the test rows. */
export interface ClassificationResult {
  accuracy: number
  /** Mean F1 over the classes that have at least one test row. */
  macroF1: number
  /** Mean precision and mean recall over the same classes. */
  precision: number
  recall: number
  /** Test rows. */
  n: number
  /** Rows answered rightly. */
  correct: number
  ci95: { accuracy: Interval; macroF1: Interval; precision: Interval; recall: Interval }
  /** Only classes with at least one test row. */
  perClass: Record<string, ClassScore>
  /** gold → predicted → rows; cells of zero rows are left out. */
  confusion: Record<string, Record<string, number>>
}

/** A paired difference, tuned minus base, on the same rows. */
export interface PairedDifference {
  difference: number
  ci95: Interval
}

export interface ClassificationComparison {
  accuracy: PairedDifference
  macroF1: PairedDifference
  precision: PairedDifference
  recall: PairedDifference
  perClassF1: Record<string, PairedDifference>
  /** Rows by who was right, and the exact two-sided p of McNemar's test on the rows that changed sides. */
  mcnemar: { bothRight: number; onlyTunedRight: number; onlyBaseRight: number; bothWrong: number; p: number }
}

export interface ClassificationEvaluation {
  kind: 'classification'
  /** The task's classes in a fixed order. */
  labels: string[]
  /** Classes without a single test row: named here, absent from macro-F1 and `perClass`. */
  withoutTestRows: string[]
  base?: ClassificationResult | undefined
  tuned: ClassificationResult
  /** Always answering the largest training class. */
  majority: ClassificationResult & { label: string }
  comparison?: ClassificationComparison | undefined
  bootstrap: { resamples: number; seed: number }
}

/** Held-out loss of a task without labels: nats a supervised token. */
export interface LossResult {
  /** Summed loss over summed tokens. */
  loss: number
  perplexity: number
  /** Rows and supervised tokens. */
  n: number
  tokens: number
  ci95: { loss: Interval; perplexity: Interval }
}

export interface LossEvaluation {
  kind: 'loss'
  base?: LossResult | undefined
  tuned: LossResult
  /** Negative is better: the loss fell. */
  comparison?: { loss: PairedDifference; rowsBetter: number; rowsWorse: number } | undefined
  bootstrap: { resamples: number; seed: number }
}

export type EvaluationOutcome = ClassificationEvaluation | LossEvaluation

/** How a label is chosen from the log-probabilities of its tokens. */
export type ScoringMode = 'sum' | 'mean' | 'calibrated'

/** A test row that was answered wrongly; `text` is the row's content and may be left out (a report that leaves the room). */
export interface WrongPrediction {
  rowId: string
  gold: string
  predicted: string
  /** Score of the prediction minus score of the right answer, nats; larger = wrong with more confidence. */
  margin: number
  /** Softmax share of the predicted label among all labels, 0..1. */
  confidence: number
  text?: string | undefined
}

/** A row whose verdict changed between base and tuned. */
export interface ChangedPrediction {
  rowId: string
  gold: string
  base: string
  tuned: string
  confidence: number
  text?: string | undefined
}

export interface ReportModel {
  id: string
  family?: string | undefined
  parameters?: number | undefined
  licence?: string | undefined
  fingerprint: ModelFingerprint
}

export interface ReportDataset {
  files?: { name: string; role: 'train' | 'validation' | 'test' | 'all'; sha256?: string | undefined }[] | undefined
  /** Rows read from the files. */
  rows: number
  trainRows: number
  validationRows: number
  testRows: number
  /** Training rows a class, after and before balancing. */
  classes?: Record<string, number> | undefined
  classesBefore?: Record<string, number> | undefined
  /** Largest class : smallest class of the training split. */
  ratioBefore?: number | undefined
  ratioAfter?: number | undefined
  balance?: { method: string; maxRatio: number } | undefined
  duplicatesRemoved: number
  leaksRemoved: number
  /** Near duplicates across splits that were found, and what was done with them. */
  nearLeaks?: { found: number; action: 'report' | 'remove' | 'refuse' } | undefined
  tooLong: number
  /** Findings by type; absent when no scan was made. */
  personalData?: Record<string, number> | undefined
  privacy?:
    | { scan: boolean; findings: 'refuse' | 'redact' | 'fake' | 'drop' | 'accept'; acceptedBy?: string | undefined }
    | undefined
  /** How often this test split has been used for a verdict, this run included. */
  testSplitUses?: number | undefined
}

export interface ReportMethod {
  kind: 'lora' | 'full' | 'prompt'
  rank?: number | undefined
  alpha?: number | undefined
  dropout?: number | undefined
  targets?: string[] | undefined
  epochs: number
  batchSize: number
  learningRate: number
  schedule: string
  warmup: number
  weightDecay: number
  maxGradNorm: number
  maxLength: number
}

export interface ReportTraining {
  steps: number
  epochs: number
  /** One a step. */
  losses: number[]
  learningRates: number[]
  gradNorms?: number[] | undefined
  /** Loss on validation rows after a step. */
  validation?: { step: number; loss: number }[] | undefined
  rowsPerSecond?: number | undefined
  tokensPerSecond?: number | undefined
  supervisedTokens?: number | undefined
  seconds: number
  peakMemoryBytes?: number | undefined
  trainableParameters: number
  precision: string
  device: string
  threads?: number | undefined
  /** Times the run was interrupted and continued. */
  resumes?: number | undefined
}

export interface ReportMachine {
  cpu?: string | undefined
  cores?: number | undefined
  memoryBytes?: number | undefined
  os?: string | undefined
  runtime?: string | undefined
}

export interface ReportAdapter {
  name?: string | undefined
  sha256: string
  bytes?: number | undefined
  parents?: string[] | undefined
}

export interface ReportSignature {
  keyId: string
  signer?: string | undefined
  algorithm?: string | undefined
}

/** Everything one report shows. */
export interface ReportData {
  schemaVersion: 1
  project: string
  run: string
  /** ISO 8601 with its offset (`Z` or `+08:00`); shown as that wall-clock time. */
  createdAt: string
  task: TaskKind
  seed: number
  productVersion: string
  recipeHash?: string | undefined
  planHash?: string | undefined
  prompt?: { system?: string | undefined; user: string; answer: string } | undefined
  model: ReportModel
  data: ReportDataset
  method: ReportMethod
  train: ReportTraining
  /** Absent when the run was not evaluated. */
  evaluation?: EvaluationOutcome | undefined
  scoring?: ScoringMode | undefined
  worst?: WrongPrediction[] | undefined
  changed?:
    | { better: ChangedPrediction[]; worse: ChangedPrediction[]; betterTotal: number; worseTotal: number }
    | undefined
  machine: ReportMachine
  adapter?: ReportAdapter | undefined
  signature?: ReportSignature | undefined
  /** Further notes of the run, one sentence each, in the report's language. */
  remarks?: string[] | undefined
}
