import { z } from 'zod'

/**
 * The records of the project store as plain domain types. The store parses every record with these schemas on the
 * way in and on the way out. Instants are milliseconds since 1970-01-01 UTC, digests 64 lower-case hex digits.
 */

/** Text that survives UTF-8: a lone surrogate would come back from the database as another character. */
const text = z.string().refine((value) => value.isWellFormed(), 'well-formed text')
const name = text.min(1).max(400)
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
const instant = z.int().min(0)
const count = z.int().min(0)

/** The parts of a schema that the store needs, so that only the contract knows the library. */
export type Schema<T> = z.ZodType<T>
export type SchemaError = z.ZodError

export type JsonObject = { readonly [key: string]: unknown }

/** A JSON object kept by reference: never copied key by key, so a member called `__proto__` stays a plain member. */
const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'object',
)

export const projectSchema = z.strictObject({ id: name, name, createdAt: instant })
export type Project = z.infer<typeof projectSchema>

export const actorSchema = z.strictObject({ id: name, firstSeenAt: instant })
export type Actor = z.infer<typeof actorSchema>

export const modelSchema = z.strictObject({
  id: name,
  name,
  /** Absolute path of the folder or file. */
  path: text.min(1),
  kind: z.enum(['folder', 'gguf']),
  fingerprint: jsonObject,
  /** Number of weights. */
  parameters: count,
  sizeBytes: count,
  licence: text.nullable(),
  addedAt: instant,
})
export type Model = z.infer<typeof modelSchema>

export const datasetSchema = z.strictObject({ id: name, projectId: name, name, createdAt: instant })
export type Dataset = z.infer<typeof datasetSchema>

export const datasetVersionSchema = z.strictObject({
  id: name,
  datasetId: name,
  /** 1, 2, 3 … within the dataset. */
  number: z.int().min(1),
  /** Recipe whose data steps produced this version; null for a plain import. */
  recipeHash: sha256Hex.nullable(),
  /** Digest of all rows of the version. */
  contentHash: sha256Hex,
  /** Digest of the test split: the key of the verdict counter. */
  testHash: sha256Hex.nullable(),
  rowCount: count,
  createdAt: instant,
})
export type DatasetVersion = z.infer<typeof datasetVersionSchema>

export const splitSchema = z.enum(['train', 'validation', 'test'])
export type Split = z.infer<typeof splitSchema>

export const dataRowSchema = z.strictObject({
  /** Stays the same when the row moves to a later version of the dataset. */
  id: name,
  contentHash: sha256Hex,
  /** Where the row was read; null for a row made here. `line` counts from 1. */
  source: z.strictObject({ fileHash: sha256Hex, sheet: text.nullable(), line: z.int().min(1).nullable() }).nullable(),
  /** Id of the row this one was derived from (augmentation). */
  parent: name.nullable(),
  /** Rows of one group (patient, conversation …) never part across splits. */
  group: text.nullable(),
  /** null: not assigned, or left out by a data step. */
  split: splitSchema.nullable(),
  origin: z.enum(['human', 'augmented', 'rated']),
  label: text.nullable(),
  fields: jsonObject,
  addedAt: instant,
})
export type DataRow = z.infer<typeof dataRowSchema>

/** Rows of one split and label; null where rows have none. */
export const classCountSchema = z.strictObject({ split: splitSchema.nullable(), label: text.nullable(), rows: count })
export type ClassCount = z.infer<typeof classCountSchema>

export const recipeRecordSchema = z.strictObject({ hash: sha256Hex, recipe: jsonObject, addedAt: instant })
export type RecipeRecord = z.infer<typeof recipeRecordSchema>

export const runStateSchema = z.enum(['queued', 'running', 'interrupted', 'done', 'failed', 'cancelled'])
export type RunState = z.infer<typeof runStateSchema>

export const runSchema = z.strictObject({
  id: name,
  projectId: name,
  recipeHash: sha256Hex,
  modelId: name.nullable(),
  versionId: name.nullable(),
  state: runStateSchema,
  /** Absolute path of the self-contained job folder. */
  jobFolder: text.min(1),
  /** The plan that runs, every "auto" resolved; null until it is known. */
  plan: jsonObject.nullable(),
  planHash: sha256Hex.nullable(),
  queuedAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  summary: jsonObject.nullable(),
  /** Why the run failed: code and facts of the error. */
  error: z.strictObject({ code: name, data: jsonObject }).nullable(),
})
export type Run = z.infer<typeof runSchema>

export const stepMetricSchema = z.strictObject({
  /** From 0. */
  step: count,
  /** Mean over the answer tokens of the effective batch. */
  loss: z.number(),
  learningRate: z.number(),
  gradNorm: z.number(),
  /** Real tokens of the step, padding not counted. */
  tokens: count,
  /** Wall time of the step. */
  seconds: z.number().min(0),
})
export type StepMetric = z.infer<typeof stepMetricSchema>

export const evaluationSchema = z.strictObject({
  id: name,
  projectId: name,
  runId: name.nullable(),
  adapterId: name.nullable(),
  /** Digest of the rows that were scored. */
  splitHash: sha256Hex,
  /** True when test rows gave a final verdict: counted per `splitHash` for ever. */
  verdict: z.boolean(),
  /** Metrics of base and tuned. */
  result: jsonObject,
  createdAt: instant,
})
export type Evaluation = z.infer<typeof evaluationSchema>

export const predictionSchema = z.strictObject({
  rowId: name,
  which: z.enum(['base', 'tuned']),
  gold: text.nullable(),
  predicted: text.nullable(),
  /** Any JSON, normally the log-probability of each label. */
  scores: z.unknown(),
})
export type Prediction = z.infer<typeof predictionSchema>

export const testSplitSchema = z.strictObject({
  hash: sha256Hex,
  uses: z.int().min(1),
  firstUsedAt: instant,
  lastUsedAt: instant,
})
export type TestSplit = z.infer<typeof testSplitSchema>

export const adapterSchema = z.strictObject({
  id: name,
  name,
  runId: name.nullable(),
  /** Ids of the adapters it started from, which may live on another machine. */
  parents: z.array(name),
  path: text.min(1),
  baseFingerprint: jsonObject,
  /** Of the adapter's weights file. */
  sha256: sha256Hex,
  imported: z.boolean(),
  /** Key id of the signer and what the check of the signature said. */
  signer: name.nullable(),
  verdict: name.nullable(),
  addedAt: instant,
})
export type Adapter = z.infer<typeof adapterSchema>

export const auditEntrySchema = z.strictObject({
  seq: z.int().min(1),
  at: instant,
  actor: name,
  /** Dotted verb, e.g. `model.add`. */
  action: name,
  /** Id of what was acted on. */
  subject: text,
  detail: jsonObject,
  previousHash: sha256Hex,
  hash: sha256Hex,
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** What a caller gives to add a record: the id and the instants may be left to the store. */
type Assigned<T, K extends keyof T, O extends keyof T = never> = Omit<T, K | O> & Partial<Pick<T, O>>
export type NewProject = Assigned<Project, 'createdAt', 'id'>
export type NewModel = Assigned<Model, 'addedAt'>
export type NewDataset = Assigned<Dataset, 'createdAt', 'id'>
export type NewDatasetVersion = Assigned<
  DatasetVersion,
  'createdAt' | 'number' | 'rowCount',
  'id' | 'recipeHash' | 'testHash'
>
export type NewDataRow = Assigned<DataRow, never, 'addedAt' | 'source' | 'parent' | 'group' | 'split' | 'label'>
export type NewRun = Assigned<
  Run,
  'state' | 'planHash' | 'queuedAt' | 'startedAt' | 'endedAt' | 'summary' | 'error',
  'id' | 'plan' | 'modelId' | 'versionId'
>
export type NewEvaluation = Assigned<Evaluation, 'createdAt', 'id' | 'runId' | 'adapterId'>
export type NewPrediction = Assigned<Prediction, never, 'scores'>
export type NewAdapter = Assigned<Adapter, 'addedAt', 'id' | 'runId' | 'parents' | 'signer' | 'verdict'>
export type NewAuditEntry = { action: string; subject: string; detail?: JsonObject }
