import type { FingerprintVerdict, ModelFingerprint } from './domain/fingerprint.ts'
import type { AppIo } from './progress.ts'
import type { BalanceSettings, ColumnRole, DataSettings, ExportFormat } from './recipe/index.ts'
import type { EvaluationResult, RunResult } from './result.ts'

/**
 * The use cases behind the command line, the host and the tests: one asynchronous function a procedure, plain JSON in
 * and out. Paths in inputs and results are absolute. Functions that take `Io` report progress and can be cancelled.
 */

/** Where an instance of the application keeps its things. All absolute. */
export interface AppOptions {
  /** Project store, runs and artefacts. */
  workspace: string
  /** Models that `model fetch` obtained: once per user, for every workspace. */
  modelCache: string
  /** Folder for diagnostic logs. */
  logs: string
  /** CPU threads for the engine; null: the planner decides. */
  threads: number | null
  /** Opens and protects the private signing key; null: the key is not encrypted. */
  passphrase: string | null
  /** Version of the program, for manifests and reports. */
  version: string
}

export type CreateApp = (options: AppOptions) => AirlockApp

type UseCase<Input, Output> = (input: Input, io: AppIo) => Promise<Output>
type None = Readonly<Record<never, never>>

// ── models ──

export interface ModelSummary {
  id: string
  family: string
  parameters: number
  bytes: number
  /** Storage type of the weights: F32, BF16, Q4_1 … */
  storage: string
  path: string
  /** registered in this workspace, or obtained by `model fetch` for the user */
  source: 'workspace' | 'cache'
}

export interface ModelDetails extends ModelSummary {
  fingerprint: ModelFingerprint
  layers: number
  hiddenSize: number
  vocabulary: number
  contextLength: number
  licence: string | null
}

/** Verdict of comparing what is on disk with what was registered. */
export interface ModelVerification {
  id: string
  ok: boolean
  checks: { name: string; ok: boolean; expected: string; found: string }[]
}

// ── data ──

/** Data of one command: stored (`dataset`) or read now (`files`). The keys are those of the recipe's `data`. */
export interface DataSource {
  files: string[]
  dataset: string | null
  columns: Partial<Record<ColumnRole, string>> | null
  labels: string[] | null
}

export interface DataProfile {
  /** Id of the stored dataset and of its version; null for files that are only looked at. */
  dataset: string | null
  version: string | null
  /** Rows read, those of the next two counts included. */
  rows: number
  columns: string[]
  classes: Record<string, number>
  /** Largest class : smallest class; 0 without classes. */
  ratio: number
  /** Rows left out because they are blank in a column that is needed. */
  empty: number
  /** Rows left out because their class is not among `labels`. */
  otherClasses: number
  /** Rows that repeat an earlier one in all columns that count. */
  duplicates: number
  files: { path: string; format: string; encoding: string; delimiter: string | null; rows: number }[]
}

export interface SplitResult {
  dataset: string | null
  /** The new version that holds the split; null for files. */
  version: string | null
  trainRows: number
  validationRows: number
  testRows: number
  classes: Record<string, { train: number; validation: number; test: number }>
  leaksRemoved: number
  /** Training rows whose input is nearly that of a test or validation row; reported, never removed here. */
  nearLeaks: number
  /** What was written, absolute. */
  files: string[]
}

export type BalanceMethod = BalanceSettings['method']
export type LeakRule = DataSettings['leaks']

export interface BalanceResult {
  dataset: string | null
  /** The new version that holds the balanced rows; null for files and for methods that leave the rows as they are. */
  version: string | null
  /** Training rows a class. */
  before: Record<string, number>
  after: Record<string, number>
  ratioBefore: number
  ratioAfter: number
  removed: number
  added: number
  files: string[]
}

// ── runs ──

export type RunState = 'running' | 'interrupted' | 'failed' | 'finished'

export interface RunSummary {
  run: string
  project: string
  state: RunState
  /** ISO 8601, UTC. */
  startedAt: string
  step: number
  steps: number
  macroF1: number | null
}

export interface RunDetails extends RunSummary {
  /** Folder of the job and its results. */
  folder: string
  planHash: string
  /** Present once the run has finished. */
  result: RunResult | null
}

// ── adapters and keys ──

export interface KeySummary {
  id: string
  name: string
  /** own: this workspace's identity */
  status: 'own' | 'trusted' | 'revoked'
  /** Public key, base64 of 32 bytes. */
  publicKey: string
}

export type InspectedSignature = 'trusted' | 'valid-unknown-signer' | 'revoked' | 'altered' | 'unsigned'
/** unknown: no model is registered here to compare with. */
export type InspectedBase = FingerprintVerdict | 'unknown'

/** What can be said of a bundle or an adapter folder before it is loaded. */
export interface Inspection {
  file: string
  kind: 'bundle' | 'peft'
  name: string
  signature: InspectedSignature
  /** `name` is the one in the own trust store; empty while the key is unknown here, whatever the bundle claims. */
  signer: { id: string; name: string } | null
  /** Who the bundle says made it: a claim, as true as its signature. */
  author: string | null
  base: InspectedBase
  baseModel: string
  /** The registered model that matches, if any. */
  matchingModel: string | null
  metrics: Record<string, unknown>
  problems: string[]
}

export interface Forecast {
  seconds: number
  peakMemoryBytes: number
  diskBytes: number
  steps: number
  rows: number
  tokens: number
  fits: boolean
  /** What would make it fit, or what was chosen, as keys and values of the recipe or plan. */
  plan: Record<string, unknown>
  /** The first batch as the model sees it, when asked for. */
  firstBatch?: BatchView
}

/** One batch as tokens: what all rows share, and each row's own part. */
export interface BatchView {
  /** Text of the prompt prefix that all rows share; computed once. */
  sharedPrefix: string
  sharedTokens: number
  rows: { tokens: { text: string; supervised: boolean }[] }[]
}

export interface DoctorReport {
  ok: boolean
  checks: { name: string; ok: boolean; value: string }[]
}

export interface GenerateInput {
  model: string
  adapter: string | null
  system: string | null
  maxTokens: number
}

export interface Generation {
  text: string
  tokens: number
  tokensPerSecond: number
  stopped: 'end' | 'length'
}

/** Every procedure; the command line is a thin frame around these. */
export interface AirlockApp {
  modelAdd: UseCase<{ path: string; name: string | null }, ModelDetails>
  modelList: UseCase<None, { models: ModelSummary[] }>
  modelShow: UseCase<{ id: string }, ModelDetails>
  modelVerify: UseCase<{ id: string }, ModelVerification>

  /** `name` of the dataset: null takes the file's; a known name gets its next version. `project`: "default" unless given. */
  dataImport: UseCase<DataSource & { name: string | null; project?: string | null }, DataProfile>
  dataProfile: UseCase<DataSource, DataProfile>
  dataBalance: UseCase<
    DataSource & { maxRatio: number; method: BalanceMethod; seed: number; to: string | null },
    BalanceResult
  >
  dataSplit: UseCase<
    DataSource & { test: number; validation: number; leaks: LeakRule; seed: number; to: string | null },
    SplitResult
  >
  dataExport: UseCase<{ dataset: string; to: string }, { rows: number; files: string[] }>

  /** `seed` overrides the recipe's. */
  run: UseCase<{ recipe: string; seed: number | null }, RunResult>
  tune: UseCase<{ recipe: string; seed: number | null }, RunResult>
  resume: UseCase<{ run: string }, RunResult>
  runs: UseCase<None, { runs: RunSummary[] }>
  showRun: UseCase<{ run: string }, RunDetails>

  evaluate: UseCase<
    { run: string | null; adapter: string | null; data: string | null; recipe: string | null },
    EvaluationResult
  >
  /** `onText` gets the answer piece by piece. */
  generate: UseCase<GenerateInput & { prompt: string; seed: number; onText: (piece: string) => void }, Generation>
  chat: UseCase<
    GenerateInput & {
      seed: number
      questions: AsyncIterable<string>
      onText: (piece: string) => void
      onEnd: () => void
    },
    { turns: number }
  >

  keysCreate: UseCase<{ name: string }, KeySummary>
  keysShow: UseCase<None, KeySummary>
  keysExport: UseCase<{ to: string | null }, KeySummary & { file: string | null }>
  keysTrust: UseCase<{ file: string }, KeySummary>
  keysRevoke: UseCase<{ id: string; reason: string | null }, KeySummary>
  keysList: UseCase<None, { keys: KeySummary[] }>

  exportRun: UseCase<
    { run: string; to: string; formats: ExportFormat[] },
    { run: string; artifacts: Record<string, string> }
  >
  inspect: UseCase<{ file: string }, Inspection>
  importAdapter: UseCase<{ file: string }, Inspection & { adapter: string }>

  forecast: UseCase<{ recipe: string; seed: number | null; firstBatch: boolean }, Forecast>
  doctor: UseCase<None, DoctorReport>
  /** Ends job processes and closes the store; the application cannot be used afterwards. */
  close(): Promise<void>
}
