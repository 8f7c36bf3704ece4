import type { ChangedPrediction, WrongPrediction } from '../contract/domain/report.ts'
import { AppError } from '../kit/index.ts'
import { alignRows, type Prediction } from './encode.ts'

/**
 * The wrong predictions, most confident first (margin between the score of the answer and that of the right label).
 * @throws evaluation.score.missing, evaluation.score.not_finite
 */
export function worstPredictions(predictions: readonly Prediction[], limit = 10): WrongPrediction[] {
  return predictions
    .filter((row) => row.predicted !== row.gold)
    .map((row) => ({ ...verdictOf(row), margin: scoreOf(row, row.predicted) - scoreOf(row, row.gold) }))
    .sort((a, b) => b.margin - a.margin || byId(a, b))
    .slice(0, limit)
}

/** Rows whose verdict changed, the most confident tuned answers first; at most `limit` a list, totals beside them. */
export interface Changes {
  better: ChangedPrediction[]
  worse: ChangedPrediction[]
  betterTotal: number
  worseTotal: number
}

/** @throws evaluation.rows.mismatch, evaluation.score.missing, evaluation.score.not_finite */
export function changedPredictions(base: readonly Prediction[], tuned: readonly Prediction[], limit = 10): Changes {
  const better: ChangedPrediction[] = []
  const worse: ChangedPrediction[] = []
  alignRows(base, tuned).forEach((before, i) => {
    const after = tuned[i] as Prediction
    const rightBefore = before.predicted === before.gold
    const rightAfter = after.predicted === after.gold
    if (rightBefore === rightAfter) return
    const { rowId, gold, confidence } = verdictOf(after)
    const list = rightAfter ? better : worse
    list.push({ rowId, gold, base: before.predicted, tuned: after.predicted, confidence })
  })
  const first = (list: ChangedPrediction[]) =>
    list.toSorted((a, b) => b.confidence - a.confidence || byId(a, b)).slice(0, limit)
  return { better: first(better), worse: first(worse), betterTotal: better.length, worseTotal: worse.length }
}

function verdictOf(row: Prediction): { rowId: string; gold: string; predicted: string; confidence: number } {
  const chosen = scoreOf(row, row.predicted)
  let sum = 0
  // Softmax share relative to the chosen label; exp of a large difference may be infinite, then the share is 0.
  for (const label of Object.keys(row.scores)) sum += Math.exp(scoreOf(row, label) - chosen)
  return { rowId: row.rowId, gold: row.gold, predicted: row.predicted, confidence: 1 / sum }
}

function scoreOf(row: Prediction, label: string): number {
  if (!Object.hasOwn(row.scores, label)) {
    throw new AppError('evaluation.score.missing', { rowId: row.rowId, count: Object.keys(row.scores).length })
  }
  const score = row.scores[label] as number
  if (!Number.isFinite(score)) throw new AppError('evaluation.score.not_finite', { where: row.rowId })
  return score
}

const byId = (a: { rowId: string }, b: { rowId: string }): number => (a.rowId < b.rowId ? -1 : 1)
