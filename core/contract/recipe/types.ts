import type { z } from 'zod'
import type {
  balanceSchema,
  COLUMN_ROLES,
  dataSchema,
  EXPORT_FORMATS,
  evaluateSchema,
  exportSchema,
  METRICS,
  methodSchema,
  privacySchema,
  TARGETS,
  TASKS,
  trainSchema,
} from './schema.ts'

export type Task = (typeof TASKS)[number]
export type ColumnRole = (typeof COLUMN_ROLES)[number]
export type Target = (typeof TARGETS)[number]
export type Metric = (typeof METRICS)[number]
export type ExportFormat = (typeof EXPORT_FORMATS)[number]
/** Which column of the user's table plays which role; only roles that the task uses. */
export type Columns = Readonly<Partial<Record<ColumnRole, string>>>

/** Paths are as written: relative ones belong to the recipe's own folder. */
export type DataSettings = Omit<z.output<typeof dataSchema>, 'columns'> & { columns: Columns }
export type PrivacySettings = z.output<typeof privacySchema>
export type BalanceSettings = z.output<typeof balanceSchema>
/** rank r, scale alpha / r; `targets` names linear layers of every block. */
export type LoraSettings = z.output<typeof methodSchema>
export type TrainSettings = z.output<typeof trainSchema>
export type EvaluateSettings = Omit<z.output<typeof evaluateSchema>, 'metrics'> & { metrics: Metric[] }
export type ExportSettings = z.output<typeof exportSchema>

/** `null` user and answer: the rows' own messages are the conversation (chat), or there is no user turn (text). */
export interface PromptSettings {
  /** null: the model's own default. */
  system: string | null
  user: string | null
  answer: string | null
}

/** A checked recipe with every default filled in; parsing it again gives the same recipe. */
export interface Recipe {
  name: string
  model: string
  task: Task
  data: DataSettings
  privacy: PrivacySettings
  prompt: PromptSettings
  balance: BalanceSettings
  method: LoraSettings
  train: TrainSettings
  evaluate: EvaluateSettings
  export: ExportSettings
  seed: number
}
