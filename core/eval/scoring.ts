import type { ScoringMode } from '../contract/domain/report.ts'
import { AppError, unreachable } from '../kit/index.ts'

/** The chosen label and the score of every label by the same mode. */
export interface LabelChoice {
  predicted: string
  /** Log-probabilities in nats, higher is better. */
  scores: Record<string, number>
}

/**
 * Chooses the label with the highest score from the log-probabilities of each label's tokens (end-of-turn token
 * included). `sum` adds them: the probability of the whole label. `mean` divides by the number of tokens, so a label
 * is not punished for its length. Of equal scores the first label wins.
 * @param tokenLogProbs label → log-probability of each of its tokens, nats
 * @throws feature.unavailable for `calibrated`; evaluation.labels.invalid without labels; evaluation.tokens.none for a
 * label without tokens; evaluation.score.not_finite for NaN or infinite values
 */
export function pickLabel(tokenLogProbs: Readonly<Record<string, readonly number[]>>, mode: ScoringMode): LabelChoice {
  const entries = Object.entries(tokenLogProbs)
  if (entries.length === 0) throw new AppError('evaluation.labels.invalid', { count: 0, repeated: 0 })
  const scores = entries.map(([label, logProbs], i): [string, number] => [label, scoreOf(logProbs, mode, i)])
  const best = scores.reduce((a, b) => (b[1] > a[1] ? b : a))
  return { predicted: best[0], scores: Object.fromEntries(scores) }
}

function scoreOf(logProbs: readonly number[], mode: ScoringMode, index: number): number {
  // The label itself may be row content, so errors name its position.
  const where = `label ${index + 1}`
  if (logProbs.length === 0) throw new AppError('evaluation.tokens.none', { where })
  const sum = logProbs.reduce((a, b) => a + b, 0)
  if (!Number.isFinite(sum)) throw new AppError('evaluation.score.not_finite', { where })
  switch (mode) {
    case 'sum':
      return sum
    case 'mean':
      return sum / logProbs.length
    case 'calibrated':
      throw new AppError('feature.unavailable', { feature: 'evaluate.scoring: calibrated' })
    default:
      return unreachable(mode)
  }
}
