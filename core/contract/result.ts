import { z } from 'zod'

/**
 * The result of `run --json` (and of `resume`). Keys may be added, never renamed; unknown keys survive, so an older
 * reader keeps working. Paths are absolute.
 */

const count = z.int().min(0)
const ratio = z.number().min(0).max(1)
/** Lower and upper end of a 95 % interval. */
const interval = z.tuple([z.number(), z.number()])

export const dataResultSchema = z.looseObject({
  /** Rows read from the files. */
  rows: count,
  /** Training rows after every step. */
  trainRows: count,
  validationRows: count,
  testRows: count,
  /** Training rows a class, after balancing. */
  classes: z.record(z.string(), count),
  /** Largest class : smallest class of the training split; 0 when there are no classes. */
  ratioBefore: z.number().min(0),
  ratioAfter: z.number().min(0),
  /** Findings by type; empty when nothing was scanned, which `privacy.scanned` says. */
  personalData: z.record(z.string(), count),
  duplicatesRemoved: count,
  leaksRemoved: count,
  tooLong: count,
})

export const trainResultSchema = z.looseObject({
  steps: count,
  epochs: z.number().min(0),
  losses: z.array(z.number()),
  learningRates: z.array(z.number()),
  gradNorms: z.array(z.number()),
  /** Training rows a second over wall time including data and optimiser. */
  rowsPerSecond: z.number().min(0),
  /** Real tokens a plain unpadded trainer would have processed, a second. */
  tokensPerSecond: z.number().min(0),
  supervisedTokens: count,
  seconds: z.number().min(0),
  /** Peak of the summed resident memory of the whole process tree, shared pages once. */
  peakMemoryBytes: count,
  trainableParameters: count,
  precision: z.enum(['fp32', 'int8', 'int4']),
  device: z.string().min(1),
})

export const classScoreSchema = z.looseObject({
  precision: ratio,
  recall: ratio,
  f1: ratio,
  /** Test rows of the class. */
  support: count,
})

/** Scores of one model on the test rows; metrics that were not asked for are absent. */
export const scoresSchema = z.looseObject({
  n: count,
  accuracy: ratio.optional(),
  macroF1: ratio.optional(),
  precision: ratio.optional(),
  recall: ratio.optional(),
  /** 95 % intervals: Wilson for proportions, bootstrap for the rest. */
  ci95: z.record(z.string(), interval),
  perClass: z.record(z.string(), classScoreSchema).optional(),
  /** confusion[true label][predicted label] = rows. */
  confusion: z.record(z.string(), z.record(z.string(), count)).optional(),
})

export const evaluationResultSchema = z.looseObject({
  /** null: `evaluate.base: false`. */
  base: scoresSchema.nullable(),
  tuned: scoresSchema,
  /** Always answering the largest training class; absent for tasks without classes. */
  majority: scoresSchema.extend({ label: z.string() }).optional(),
})

export const artifactsSchema = z.looseObject({
  peft: z.string().min(1).optional(),
  bundle: z.string().min(1).optional(),
  report: z.string().min(1).optional(),
})

export const runResultSchema = z.looseObject({
  project: z.string().min(1),
  run: z.string().min(1),
  data: dataResultSchema,
  /** Whether the rows were scanned for personal data; `false` stands in the report and the audit trail too. */
  privacy: z.looseObject({ scanned: z.boolean(), acceptedBy: z.string().nullable() }),
  train: trainResultSchema,
  /** null: no test rows or no metrics. */
  evaluation: evaluationResultSchema.nullable(),
  artifacts: artifactsSchema,
  /** SHA-256 of the resolved plan: same seed + same plan hash on one machine = the same adapter bytes. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
})

export type DataResult = z.infer<typeof dataResultSchema>
export type TrainResult = z.infer<typeof trainResultSchema>
export type Scores = z.infer<typeof scoresSchema>
export type EvaluationResult = z.infer<typeof evaluationResultSchema>
export type Artifacts = z.infer<typeof artifactsSchema>
export type RunResult = z.infer<typeof runResultSchema>
