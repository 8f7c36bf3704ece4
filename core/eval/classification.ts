import type {
  ClassificationComparison,
  ClassificationEvaluation,
  ClassificationResult,
  ClassScore,
} from '../contract/domain/report.ts'
import { invariant } from '../kit/index.ts'
import {
  DEFAULT_RESAMPLES,
  differenceInterval,
  intervalOf,
  type ResampledSystem,
  resampleSystems,
} from './bootstrap.ts'
import {
  accuracyOf,
  type ClassCounts,
  confusionOf,
  countClasses,
  emptyCounts,
  f1Of,
  macroOf,
  precisionOf,
  recallOf,
  total,
} from './counts.ts'
import { alignRows, encodeRows, indexLabels, type Prediction } from './encode.ts'
import { mcnemarExact, wilson95 } from './intervals.ts'

/** What metrics need of a prediction. */
export type Answer = Pick<Prediction, 'rowId' | 'gold' | 'predicted'>

/** Accuracy and macro-F1 without intervals: cheap enough to call every few training steps. */
export function quickScores(
  labels: readonly string[],
  predictions: readonly Answer[],
): { accuracy: number; macroF1: number; n: number } {
  const { gold, predicted } = encodeRows(indexLabels(labels), predictions)
  const counts = countClasses(emptyCounts(labels.length), gold, predicted)
  return { accuracy: accuracyOf(counts), macroF1: macroOf(counts, f1Of), n: gold.length }
}

export interface ClassificationInput {
  /** The recipe's classes in a fixed order. */
  labels: readonly string[]
  /** Rows a class of the training split, for the majority baseline. */
  trainCounts: Readonly<Record<string, number>>
  base?: readonly Answer[] | undefined
  tuned: readonly Answer[]
  seed: number
  /** At least 2,000 (the default). */
  resamples?: number | undefined
}

/**
 * Measures tuned, base (when given) and the majority rule on the same test rows: accuracy and macro-F1 with 95 %
 * intervals (Wilson for proportions, percentile bootstrap for F1), per class, confusion, and base against tuned paired
 * by row. The same input gives the same numbers on every machine.
 * @throws evaluation.labels.invalid, evaluation.rows.empty, evaluation.rows.duplicate, evaluation.rows.mismatch,
 * evaluation.label.unknown
 */
export function evaluateClassification(input: ClassificationInput): ClassificationEvaluation {
  const { labels } = input
  const index = indexLabels(labels)
  const tuned = encodeRows(index, input.tuned)
  const base = input.base && encodeRows(index, alignRows(input.base, input.tuned)).predicted
  const { gold } = tuned
  const majority = majorityLabel(labels, input.trainCounts)
  const always = new Int32Array(gold.length).fill(index.get(majority) as number)

  const settings = { seed: input.seed, resamples: input.resamples ?? DEFAULT_RESAMPLES }
  const systems = base === undefined ? [tuned.predicted, always] : [tuned.predicted, always, base]
  const drawn = resampleSystems(gold, systems, labels.length, settings)
  const [after, constant, before] = systems.map((answered, s): Measured => {
    const values = drawn[s] as ResampledSystem
    return { answered, drawn: values, result: resultOf(labels, gold, answered, values) }
  })
  invariant(after && constant, 'tuned and majority are always measured')
  return {
    kind: 'classification',
    labels: [...labels],
    withoutTestRows: labels.filter((label) => !Object.hasOwn(after.result.perClass, label)),
    ...(before && { base: before.result, comparison: compare(labels, gold, before, after) }),
    tuned: after.result,
    majority: { ...constant.result, label: majority },
    bootstrap: settings,
  }
}

/** One system on the test rows: its answers, its resampled scores and its result. */
interface Measured {
  answered: Int32Array
  drawn: ResampledSystem
  result: ClassificationResult
}

/** The largest training class; of equally large ones the first in the list. */
export function majorityLabel(labels: readonly string[], trainCounts: Readonly<Record<string, number>>): string {
  const rows = (label: string): number => (Object.hasOwn(trainCounts, label) ? (trainCounts[label] as number) : 0)
  return labels.reduce((best, label) => (rows(label) > rows(best) ? label : best))
}

function resultOf(
  labels: readonly string[],
  gold: Int32Array,
  answered: Int32Array,
  drawn: ResampledSystem,
): ClassificationResult {
  const counts = countClasses(emptyCounts(labels.length), gold, answered)
  const correct = total(counts.right)
  const macroF1 = macroOf(counts, f1Of)
  const precision = macroOf(counts, precisionOf)
  const recall = macroOf(counts, recallOf)
  const scores = labels
    .map((label, k): [string, ClassScore] => [label, classScore(counts, k, drawn.f1[k] as Float64Array)])
    .filter(([, score]) => score.support > 0)
  return {
    accuracy: accuracyOf(counts),
    macroF1,
    precision,
    recall,
    n: gold.length,
    correct,
    ci95: {
      accuracy: wilson95(correct, gold.length),
      macroF1: intervalOf(drawn.macroF1, macroF1),
      precision: intervalOf(drawn.precision, precision),
      recall: intervalOf(drawn.recall, recall),
    },
    perClass: Object.fromEntries(scores),
    confusion: confusionOf(labels, gold, answered),
  }
}

function classScore(counts: ClassCounts, k: number, resampledF1: Float64Array): ClassScore {
  const right = counts.right[k] as number
  const support = counts.support[k] as number
  const predicted = counts.predicted[k] as number
  const f1 = f1Of(counts, k)
  return {
    precision: precisionOf(counts, k),
    recall: recallOf(counts, k),
    f1,
    support,
    predicted,
    ci95: {
      ...(predicted > 0 && { precision: wilson95(right, predicted) }),
      recall: wilson95(right, support),
      f1: intervalOf(resampledF1, f1),
    },
  }
}

function compare(
  labels: readonly string[],
  gold: Int32Array,
  before: Measured,
  after: Measured,
): ClassificationComparison {
  const paired = (difference: number, first: Float64Array, second: Float64Array) => ({
    difference,
    ci95: differenceInterval(first, second, difference),
  })
  const overall = (metric: 'accuracy' | 'macroF1' | 'precision' | 'recall') =>
    paired(after.result[metric] - before.result[metric], before.drawn[metric], after.drawn[metric])
  const perClassF1 = labels.flatMap((label, k) => {
    if (!Object.hasOwn(after.result.perClass, label)) return []
    const difference = f1In(after.result, label) - f1In(before.result, label)
    return [[label, paired(difference, before.drawn.f1[k] as Float64Array, after.drawn.f1[k] as Float64Array)] as const]
  })
  return {
    accuracy: overall('accuracy'),
    macroF1: overall('macroF1'),
    precision: overall('precision'),
    recall: overall('recall'),
    perClassF1: Object.fromEntries(perClassF1),
    mcnemar: mcnemar(gold, before.answered, after.answered),
  }
}

const f1In = (result: ClassificationResult, label: string): number => (result.perClass[label] as ClassScore).f1

function mcnemar(gold: Int32Array, base: Int32Array, tuned: Int32Array): ClassificationComparison['mcnemar'] {
  // Cells by (base right, tuned right).
  const cells: [number, number, number, number] = [0, 0, 0, 0]
  for (let i = 0; i < gold.length; i++) {
    const at = (base[i] === gold[i] ? 2 : 0) + (tuned[i] === gold[i] ? 1 : 0)
    cells[at as 0 | 1 | 2 | 3]++
  }
  const [bothWrong, onlyTunedRight, onlyBaseRight, bothRight] = cells
  return { bothRight, onlyTunedRight, onlyBaseRight, bothWrong, p: mcnemarExact(onlyTunedRight, onlyBaseRight) }
}
