import type { Recipe } from './types.ts'

const BUILT_METRICS: readonly string[] = ['accuracy', 'macroF1', 'precision', 'recall']
const BUILT_FORMATS: readonly string[] = ['peft', 'bundle']

/**
 * The first key (with its value) that is in the schema but not built yet, or null. The caller ends with
 * `feature.unavailable`, before anything is read or written: nothing is ever accepted and ignored.
 */
export function unavailableFeatures(recipe: Recipe): string | null {
  const { data, privacy, balance, method, train, evaluate } = recipe
  if (data.columns.chosen !== undefined) return 'data.columns.chosen'
  if (data.columns.rejected !== undefined) return 'data.columns.rejected'
  // refuse and accept say what happens to findings of a scan; the others would have to change rows by it.
  if (privacy.findings !== 'refuse' && privacy.findings !== 'accept') return `privacy.findings: ${privacy.findings}`
  if (balance.method === 'augment') return 'balance.method: augment'
  if (method.kind !== 'lora') return `method.kind: ${method.kind}`
  if (train.precision === 'int8' || train.precision === 'int4') return `train.precision: ${train.precision}`
  if (train.learningRate === 'auto') return 'train.learningRate: auto'
  if (train.evalEvery !== null) return 'train.evalEvery'
  if (train.earlyStopping !== null) return 'train.earlyStopping'
  if (evaluate.scoring === 'calibrated') return 'evaluate.scoring: calibrated'
  const metric = evaluate.metrics.find((name) => !BUILT_METRICS.includes(name))
  if (metric !== undefined) return `evaluate.metrics: ${metric}`
  const format = unavailableFormat(recipe.export.formats)
  if (format !== null) return `export.formats: ${format}`
  if (recipe.export.report === 'pdf') return 'export.report: pdf'
  return null
}

/** The first export format that is not built yet, or null. */
export function unavailableFormat(formats: readonly string[]): string | null {
  return formats.find((name) => !BUILT_FORMATS.includes(name)) ?? null
}
