import { z } from 'zod'

/**
 * The recipe: one strict schema for YAML and JSON, every key of the product from the first day.
 * `expected` beside each key is what an error shows and what the forms of the app show as help.
 */

function expects<S extends z.ZodType>(schema: S, expected: string): S {
  return schema.meta({ expected })
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T, initial: NoInfer<T[number]>) {
  return expects(z.enum(values).default(initial as never), values.join(' | '))
}

const unique = (list: readonly unknown[]): boolean => new Set(list).size === list.length

const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => text.trim() !== '' && !text.includes('\0'))
/** One path or a list becomes a list. */
const paths = z.union([path, z.array(path).min(1).max(1000).refine(unique)]).transform((value) => [value].flat())
const column = expects(z.string().min(1).max(1000).optional(), 'name of a column')

/** A project name is also a file name (`NAME.airlock`), so it must be one on every system. */
const fileName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^(?![. ])[^\p{Cc}\p{Cf}/\\:*?"<>|]*[^\p{Cc}\p{Cf}/\\:*?"<>|. ]$/u)
  .refine((name) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name))

export const TASKS = ['classification', 'instruction', 'chat', 'text'] as const
export const COLUMN_ROLES = [
  'text',
  'label',
  'instruction',
  'input',
  'output',
  'messages',
  'chosen',
  'rejected',
] as const
export const TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export const METRICS = [
  'accuracy',
  'macroF1',
  'precision',
  'recall',
  'exactMatch',
  'rouge1',
  'rouge2',
  'rougeL',
  'bleu',
] as const
export const EXPORT_FORMATS = ['peft', 'bundle', 'gguf', 'merged'] as const

const columns = z.strictObject({
  text: column,
  label: column,
  instruction: column,
  input: column,
  output: column,
  messages: column,
  chosen: column,
  rejected: column,
})

const share = (maximum: number) => z.number().min(0).max(maximum)
const split = z
  .strictObject({
    test: expects(share(0.9).default(0.2), 'number 0…0.9'),
    validation: expects(share(0.5).default(0), 'number 0…0.5'),
  })
  .refine((value) => value.test + value.validation < 0.95)

export const dataSchema = z.strictObject({
  train: expects(paths, 'path | list of paths'),
  test: expects(paths.nullable().default(null), 'path | list of paths | null'),
  validation: expects(paths.nullable().default(null), 'path | list of paths | null'),
  split: expects(split.nullable().default(null), '{test, validation}, together below 0.95 | null'),
  columns: expects(columns.optional(), `object with the keys ${COLUMN_ROLES.join(', ')}`),
  labels: expects(
    z.array(z.string().min(1).max(1000)).min(2).max(10_000).refine(unique).nullable().default(null),
    'list of at least 2 different texts (put numbers in quotes) | null',
  ),
  perClass: expects(z.int().min(1).nullable().default(null), 'integer ≥ 1 | null'),
  duplicates: oneOf(['remove', 'keep'], 'remove'),
  leaks: oneOf(['remove', 'refuse'], 'remove'),
  nearLeaks: oneOf(['report', 'remove', 'refuse'], 'report'),
})

export const privacySchema = z.strictObject({
  scan: expects(z.boolean().default(true), 'true | false'),
  findings: oneOf(['refuse', 'redact', 'fake', 'drop', 'accept'], 'refuse'),
  acceptedBy: expects(z.string().max(500).nullable().default(null), 'text (a name or reason) | null'),
})

const promptText = z.string().max(100_000)
export const promptSchema = z.strictObject({
  system: expects(promptText.nullable().default(null), 'text | null'),
  user: expects(promptText.min(1).nullable().optional(), 'text with placeholders such as {text}'),
  answer: expects(promptText.min(1).nullable().optional(), 'text with placeholders such as {label}'),
})

export const balanceSchema = z.strictObject({
  maxRatio: expects(z.number().min(1).max(1e6).default(1.5), 'number ≥ 1'),
  method: oneOf(['downsample', 'upsample', 'weight', 'augment', 'none'], 'downsample'),
})

export const methodSchema = z.strictObject({
  kind: oneOf(['lora', 'full', 'prompt'], 'lora'),
  rank: expects(z.int().min(1).max(1024).default(16), 'integer 1…1024'),
  alpha: expects(z.number().positive().max(65_536).default(32), 'number > 0'),
  dropout: expects(z.number().min(0).lt(1).default(0.1), 'number ≥ 0, below 1'),
  targets: expects(
    z
      .union([z.literal('all-linear'), z.array(z.enum(TARGETS)).min(1).refine(unique)])
      .default(() => ['q_proj' as const, 'v_proj' as const]),
    `all-linear | list of ${TARGETS.join(', ')}`,
  ),
})

export const trainSchema = z.strictObject({
  epochs: expects(z.int().min(1).max(10_000).default(3), 'integer ≥ 1'),
  maxSteps: expects(z.int().min(1).max(100_000_000).nullable().default(null), 'integer ≥ 1 | null'),
  batchSize: expects(z.int().min(1).max(65_536).default(32), 'integer 1…65536'),
  learningRate: expects(
    z.union([z.number().positive().max(10), z.literal('auto')]).default(2e-4),
    'number > 0, at most 10 | auto',
  ),
  schedule: oneOf(['cosine', 'linear', 'constant'], 'cosine'),
  warmup: expects(
    z
      .number()
      .min(0)
      .max(100_000_000)
      .refine((value) => value <= 1 || Number.isInteger(value))
      .default(0.1),
    'number 0…1 (share of steps) | integer above 1 (steps)',
  ),
  weightDecay: expects(z.number().min(0).max(1000).default(0.01), 'number ≥ 0'),
  maxGradNorm: expects(z.number().positive().max(1e9).default(1), 'number > 0'),
  maxLength: expects(z.int().min(8).max(1_048_576).default(512), 'integer 8…1048576'),
  shuffle: expects(z.boolean().default(true), 'true | false'),
  prefixSharing: oneOf(['auto', 'off'], 'auto'),
  precision: oneOf(['auto', 'fp32', 'int8', 'int4'], 'auto'),
  evalEvery: expects(z.int().min(1).nullable().default(null), 'integer ≥ 1 | null'),
  checkpointEvery: expects(z.int().min(1).max(100_000_000).default(50), 'integer ≥ 1'),
  earlyStopping: expects(
    z
      .strictObject({
        patience: expects(z.int().min(1), 'integer ≥ 1'),
        minDelta: expects(z.number().min(0).default(0), 'number ≥ 0'),
      })
      .nullable()
      .default(null),
    '{patience, minDelta} | null',
  ),
})

export const evaluateSchema = z.strictObject({
  metrics: expects(z.array(z.enum(METRICS)).refine(unique).optional(), `list of ${METRICS.join(', ')}`),
  base: expects(z.boolean().default(true), 'true | false'),
  limit: expects(z.int().min(1).nullable().default(null), 'integer ≥ 1 | null'),
  scoring: oneOf(['sum', 'mean', 'calibrated'], 'sum'),
})

export const exportSchema = z.strictObject({
  formats: expects(
    z
      .array(z.enum(EXPORT_FORMATS))
      .refine(unique)
      .default(() => ['peft' as const, 'bundle' as const]),
    `list of ${EXPORT_FORMATS.join(', ')}`,
  ),
  report: oneOf(['html', 'pdf', 'none'], 'html'),
})

/** The whole recipe as it is written; `parseRecipe` adds the checks between keys and the defaults of the task. */
export const recipeSchema = expects(
  z.strictObject({
    name: expects(fileName.optional(), 'text of 1…80 characters that can be a file name'),
    model: expects(path, 'id of a registered model | path of a model folder | path of a .gguf file'),
    task: oneOf(TASKS, 'classification'),
    data: expects(dataSchema, 'object with the key train'),
    privacy: expects(privacySchema.prefault({}), 'object'),
    prompt: expects(promptSchema.prefault({}), 'object'),
    balance: expects(balanceSchema.prefault({}), 'object'),
    method: expects(methodSchema.prefault({}), 'object'),
    train: expects(trainSchema.prefault({}), 'object'),
    evaluate: expects(evaluateSchema.prefault({}), 'object'),
    export: expects(exportSchema.prefault({}), 'object'),
    seed: expects(z.int().min(0).default(42), 'integer ≥ 0'),
  }),
  'object with the keys model and data',
)

/** A recipe as a person writes it: only `model` and `data.train` are required. */
export type RecipeInput = z.input<typeof recipeSchema>
export type WrittenRecipe = z.output<typeof recipeSchema>
