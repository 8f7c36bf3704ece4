import { AppError } from '../../kit/error.ts'
import { placeholdersOf } from './placeholders.ts'
import type { WrittenRecipe } from './schema.ts'
import type { ColumnRole, Columns, Metric, PromptSettings, Recipe, Task } from './types.ts'

/** Roles of the columns a task reads; `chosen` and `rejected` belong to preference tuning, with any task. */
const ROLES: Readonly<Record<Task, { required: readonly ColumnRole[]; optional: readonly ColumnRole[] }>> = {
  classification: { required: ['text', 'label'], optional: ['chosen', 'rejected'] },
  instruction: { required: ['instruction', 'output'], optional: ['input', 'chosen', 'rejected'] },
  chat: { required: ['messages'], optional: ['chosen', 'rejected'] },
  text: { required: ['text'], optional: ['chosen', 'rejected'] },
}

/** The role that is the answer: it may never stand in the question. */
const ANSWER: Readonly<Record<Task, ColumnRole | null>> = {
  classification: 'label',
  instruction: 'output',
  chat: null,
  text: 'text',
}

const CLASS_METRICS: readonly Metric[] = ['accuracy', 'macroF1', 'precision', 'recall']

/** Fills in what depends on the task and checks what two keys say together. Pure. */
export function resolveRecipe(written: WrittenRecipe, fallbackName = 'project'): Recipe {
  checkPrivacy(written)
  const columns = resolveColumns(written)
  const { test, validation } = written.data
  let split = written.data.split
  if (split !== null && test !== null) throw conflict('data.split', 'data.test')
  if (split !== null && split.validation > 0 && validation !== null) {
    throw conflict('data.split.validation', 'data.validation')
  }
  // A hold-out set is the default of the field: without one nothing could be proved.
  if (split === null && test === null) split = { test: 0.2, validation: 0 }
  const { warmup, maxSteps } = written.train
  if (warmup > 1 && maxSteps !== null && warmup > maxSteps) throw conflict('train.warmup', 'train.maxSteps')
  return {
    name: written.name ?? fallbackName,
    model: written.model,
    task: written.task,
    data: { ...written.data, columns, split },
    privacy: written.privacy,
    prompt: resolvePrompt(written, columns),
    balance: written.balance,
    method: written.method,
    train: written.train,
    evaluate: { ...written.evaluate, metrics: resolveMetrics(written) },
    export: written.export,
    seed: written.seed,
  }
}

function conflict(path: string, other: string): AppError {
  return new AppError('recipe.conflict', { path, other })
}

function checkPrivacy({ privacy }: WrittenRecipe): void {
  const named = privacy.acceptedBy !== null && privacy.acceptedBy.trim() !== ''
  if (privacy.findings === 'accept' && !named) throw new AppError('recipe.accept_needs_name')
  if (privacy.findings !== 'accept' && privacy.acceptedBy !== null) {
    throw conflict('privacy.acceptedBy', `privacy.findings: ${privacy.findings}`)
  }
}

function resolveColumns({ task, data }: WrittenRecipe): Columns {
  const { required, optional } = ROLES[task]
  const written = data.columns ?? {}
  const columns: Partial<Record<ColumnRole, string>> = {}
  for (const [role, name] of Object.entries(written) as [ColumnRole, string | undefined][]) {
    if (name === undefined) continue
    if (!required.includes(role) && !optional.includes(role)) {
      throw new AppError('recipe.column_role', { role, task, allowed: [...required, ...optional] })
    }
    columns[role] = name
  }
  if (data.columns === undefined && task === 'instruction') columns.input = 'input'
  for (const role of required) columns[role] ??= role // a table whose columns have the roles' own names needs no mapping
  const roles = Object.keys(columns) as ColumnRole[]
  for (const role of roles) {
    const other = roles.find((earlier) => columns[earlier] === columns[role])
    if (other !== undefined && other !== role) throw conflict(`data.columns.${role}`, `data.columns.${other}`)
  }
  return columns
}

function defaultPrompt(task: Task, columns: Columns): Omit<PromptSettings, 'system'> {
  if (task === 'classification') return { user: '{text}', answer: '{label}' }
  if (task === 'text') return { user: null, answer: '{text}' }
  if (task === 'chat') return { user: null, answer: null }
  const user = columns.input === undefined ? '{instruction}' : '{instruction}\n\n{input}'
  return { user, answer: '{output}' }
}

function resolvePrompt({ task, prompt }: WrittenRecipe, columns: Columns): PromptSettings {
  const initial = defaultPrompt(task, columns)
  if (initial.user === null && typeof prompt.user === 'string') throw conflict('prompt.user', `task: ${task}`)
  if (initial.answer === null && typeof prompt.answer === 'string') throw conflict('prompt.answer', `task: ${task}`)
  if (task === 'text' && prompt.system !== null) throw conflict('prompt.system', `task: ${task}`)
  const user = prompt.user ?? initial.user
  const answer = prompt.answer ?? initial.answer
  checkPlaceholders('prompt.user', user, columns)
  checkPlaceholders('prompt.answer', answer, columns)
  const role = ANSWER[task]
  if (role !== null && user !== null && placeholdersOf(user).includes(role)) {
    throw new AppError('recipe.answer_in_prompt', { path: 'prompt.user', placeholder: role })
  }
  if (role !== null && answer !== null && !placeholdersOf(answer).includes(role)) {
    throw new AppError('recipe.placeholder_missing', { path: 'prompt.answer', placeholder: role })
  }
  if (user !== null && placeholdersOf(user).length === 0) {
    const needed = task === 'instruction' ? 'instruction' : 'text'
    throw new AppError('recipe.placeholder_missing', { path: 'prompt.user', placeholder: needed })
  }
  return { system: prompt.system, user, answer }
}

function checkPlaceholders(path: string, template: string | null, columns: Columns): void {
  for (const placeholder of template === null ? [] : placeholdersOf(template)) {
    if (!Object.hasOwn(columns, placeholder)) {
      throw new AppError('recipe.placeholder_unknown', { path, placeholder, known: Object.keys(columns) })
    }
  }
}

function resolveMetrics({ task, evaluate }: WrittenRecipe): Metric[] {
  if (evaluate.metrics === undefined) return task === 'classification' ? ['accuracy', 'macroF1'] : []
  const wrong = task === 'classification' ? undefined : evaluate.metrics.find((m) => CLASS_METRICS.includes(m))
  if (wrong !== undefined) throw conflict(`evaluate.metrics: ${wrong}`, `task: ${task}`)
  return evaluate.metrics
}
