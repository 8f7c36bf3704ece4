export { DEFAULT_RESAMPLES } from './bootstrap.ts'
export {
  type Answer,
  type ClassificationInput,
  evaluateClassification,
  majorityLabel,
  quickScores,
} from './classification.ts'
export type { Prediction } from './encode.ts'
export { mcnemarExact, percentile, wilson95 } from './intervals.ts'
export { evaluateLoss, type LossInput, type RowLoss } from './loss.ts'
export { type Changes, changedPredictions, worstPredictions } from './predictions.ts'
export { type LabelChoice, pickLabel } from './scoring.ts'
