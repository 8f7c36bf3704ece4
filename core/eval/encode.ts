import { AppError } from '../kit/index.ts'

/** One scored test row: what was right, what was answered, and the log-probability of every label (higher is better). */
export interface Prediction {
  rowId: string
  gold: string
  predicted: string
  /** One value a label: log-probabilities in nats, by the scoring mode that chose `predicted`. */
  scores: Readonly<Record<string, number>>
}

/** A label's position in the task's list of classes. */
export type LabelIndex = ReadonlyMap<string, number>

/**
 * Positions of the task's labels.
 * @throws evaluation.labels.invalid fewer than two labels, or one listed twice
 */
export function indexLabels(labels: readonly string[]): LabelIndex {
  const index = new Map(labels.map((label, i) => [label, i]))
  if (index.size < 2 || index.size !== labels.length) {
    throw new AppError('evaluation.labels.invalid', { count: labels.length, repeated: labels.length - index.size })
  }
  return index
}

/** Predictions as label positions, one entry a row. */
export interface EncodedRows {
  gold: Int32Array
  predicted: Int32Array
}

/**
 * Turns predictions into label positions, checking that every row counts once and every label is known.
 * @throws evaluation.rows.empty, evaluation.rows.duplicate, evaluation.label.unknown
 */
export function encodeRows(
  index: LabelIndex,
  predictions: readonly Pick<Prediction, 'rowId' | 'gold' | 'predicted'>[],
): EncodedRows {
  if (predictions.length === 0) throw new AppError('evaluation.rows.empty')
  const seen = new Set<string>()
  const gold = new Int32Array(predictions.length)
  const predicted = new Int32Array(predictions.length)
  predictions.forEach((row, i) => {
    if (seen.has(row.rowId)) throw new AppError('evaluation.rows.duplicate', { rowId: row.rowId })
    seen.add(row.rowId)
    gold[i] = position(index, row, 'gold')
    predicted[i] = position(index, row, 'predicted')
  })
  return { gold, predicted }
}

function position(
  index: LabelIndex,
  row: Pick<Prediction, 'rowId' | 'gold' | 'predicted'>,
  field: 'gold' | 'predicted',
): number {
  const at = index.get(row[field])
  if (at === undefined) throw new AppError('evaluation.label.unknown', { rowId: row.rowId, field, count: index.size })
  return at
}

/**
 * Puts `base` into the row order of `tuned`, so that the two can be compared row by row.
 * @throws evaluation.rows.mismatch other rows, or another right answer for the same row
 */
export function alignRows<R extends { rowId: string; gold?: string }>(
  base: readonly R[],
  tuned: readonly { rowId: string; gold?: string }[],
): R[] {
  const byId = new Map(base.map((row) => [row.rowId, row]))
  const facts = { base: base.length, tuned: tuned.length }
  const aligned = tuned.map((row) => {
    const twin = byId.get(row.rowId)
    if (twin === undefined || twin.gold !== row.gold) {
      throw new AppError('evaluation.rows.mismatch', { ...facts, rowId: row.rowId })
    }
    byId.delete(row.rowId)
    return twin
  })
  if (base.length !== tuned.length) {
    // Rows left over in base, or one of its rows given twice.
    const extra = byId.keys().next().value ?? base.at(-1)?.rowId
    throw new AppError('evaluation.rows.mismatch', { ...facts, rowId: extra })
  }
  return aligned
}
