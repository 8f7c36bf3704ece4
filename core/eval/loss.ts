import type { LossEvaluation, LossResult } from '../contract/domain/report.ts'
import { AppError } from '../kit/index.ts'
import { DEFAULT_RESAMPLES, differenceInterval, intervalOf, resample } from './bootstrap.ts'
import { alignRows } from './encode.ts'

/** Loss of one held-out row: summed over its supervised tokens, nats. */
export interface RowLoss {
  rowId: string
  lossSum: number
  tokens: number
}

export interface LossInput {
  base?: readonly RowLoss[] | undefined
  tuned: readonly RowLoss[]
  seed: number
  resamples?: number | undefined
}

/**
 * Held-out loss and perplexity for tasks without labels. The loss is Σ loss / Σ tokens (as in training); intervals come
 * from resampling whole rows, because the tokens of one row are not independent; base and tuned are paired by row.
 * @throws evaluation.rows.empty, evaluation.rows.duplicate, evaluation.rows.mismatch, evaluation.tokens.none,
 * evaluation.score.not_finite
 */
export function evaluateLoss(input: LossInput): LossEvaluation {
  const { tuned } = input
  check(tuned)
  const base = input.base && alignRows(check(input.base), tuned)
  const settings = { seed: input.seed, resamples: input.resamples ?? DEFAULT_RESAMPLES }
  const after = columns(tuned)
  const before = base && columns(base)
  const drawnAfter = new Float64Array(settings.resamples)
  const drawnBefore = new Float64Array(settings.resamples)
  resample(tuned.length, settings, (rows, r) => {
    drawnAfter[r] = meanLoss(after, rows)
    if (before) drawnBefore[r] = meanLoss(before, rows)
  })
  const tunedResult = resultOf(after, drawnAfter)
  if (base === undefined || before === undefined) return { kind: 'loss', tuned: tunedResult, bootstrap: settings }

  const baseResult = resultOf(before, drawnBefore)
  const difference = tunedResult.loss - baseResult.loss
  const perToken = (row: RowLoss): number => row.lossSum / row.tokens
  const changes = tuned.map((row, i) => perToken(row) - perToken(base[i] as RowLoss))
  return {
    kind: 'loss',
    base: baseResult,
    tuned: tunedResult,
    comparison: {
      loss: { difference, ci95: differenceInterval(drawnBefore, drawnAfter, difference) },
      rowsBetter: changes.filter((change) => change < 0).length,
      rowsWorse: changes.filter((change) => change > 0).length,
    },
    bootstrap: settings,
  }
}

interface LossColumns {
  lossSum: Float64Array
  tokens: Float64Array
}

function columns(rows: readonly RowLoss[]): LossColumns {
  return {
    lossSum: Float64Array.from(rows, (row) => row.lossSum),
    tokens: Float64Array.from(rows, (row) => row.tokens),
  }
}

function check(rows: readonly RowLoss[]): readonly RowLoss[] {
  if (rows.length === 0) throw new AppError('evaluation.rows.empty')
  const seen = new Set<string>()
  for (const { rowId, tokens, lossSum } of rows) {
    if (seen.has(rowId)) throw new AppError('evaluation.rows.duplicate', { rowId })
    seen.add(rowId)
    if (!(tokens > 0)) throw new AppError('evaluation.tokens.none', { where: rowId })
    if (!Number.isFinite(lossSum)) throw new AppError('evaluation.score.not_finite', { where: rowId })
  }
  return rows
}

function meanLoss({ lossSum, tokens }: LossColumns, rows?: Int32Array): number {
  let loss = 0
  let count = 0
  const n = rows?.length ?? tokens.length
  for (let i = 0; i < n; i++) {
    const row = rows === undefined ? i : (rows[i] as number)
    loss += lossSum[row] as number
    count += tokens[row] as number
  }
  return loss / count
}

function resultOf(rows: LossColumns, drawn: Float64Array): LossResult {
  const loss = meanLoss(rows)
  const [low, high] = intervalOf(drawn, loss)
  return {
    loss,
    perplexity: Math.exp(loss),
    n: rows.tokens.length,
    tokens: rows.tokens.reduce((a, b) => a + b, 0),
    // exp is monotone, so it carries the percentiles over.
    ci95: { loss: [low, high], perplexity: [Math.exp(low), Math.exp(high)] },
  }
}
