import { randomStream } from '../../core/kit/random.ts'

/**
 * The yardstick a tuned model has to beat and a sample table must not be trivial for: TF-IDF features and multinomial
 * logistic regression, written out so that the figure needs no outside program.
 */

/** A sparse row: `index[i]` (ascending in order of first use) holds `value[i]`. */
export interface SparseRow {
  index: Int32Array
  value: Float64Array
}

/** All n-grams from `min` to `max` units, joined with a space for words and with nothing for characters. */
export function ngrams(units: readonly string[], min: number, max: number, join: string): string[] {
  const out: string[] = []
  for (let n = min; n <= max; n++) {
    for (let i = 0; i + n <= units.length; i++) out.push(units.slice(i, i + n).join(join))
  }
  return out
}

/** Words of two or more letters or digits, lower case: scikit-learn's default pattern `\b\w\w+\b`. */
export const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []

/** Word 1- and 2-grams. */
export const wordFeatures = (text: string): string[] => ngrams(words(text), 1, 2, ' ')

/** Character 1- to 3-grams of the text as written, in lower case. */
export const characterFeatures = (text: string): string[] => ngrams([...text.toLowerCase()], 1, 3, '')

/** The vocabulary and idf of the training texts; unknown features of a new text are left out. */
export class TfidfVectorizer {
  readonly #features: (text: string) => string[]
  readonly #columns = new Map<string, number>()
  readonly #idf: Float64Array

  constructor(texts: readonly string[], features: (text: string) => string[]) {
    this.#features = features
    const documentFrequency: number[] = []
    for (const text of texts) {
      for (const feature of new Set(features(text))) {
        const column = this.#columns.get(feature) ?? this.#columns.size
        this.#columns.set(feature, column)
        documentFrequency[column] = (documentFrequency[column] ?? 0) + 1
      }
    }
    // Smoothed idf: ln((1 + n) / (1 + df)) + 1.
    this.#idf = Float64Array.from(documentFrequency, (df) => Math.log((1 + texts.length) / (1 + df)) + 1)
  }

  get size(): number {
    return this.#columns.size
  }

  /** (1 + ln tf) · idf, scaled to length 1. */
  transform(text: string): SparseRow {
    const counts = new Map<number, number>()
    for (const feature of this.#features(text)) {
      const column = this.#columns.get(feature)
      if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1)
    }
    const index = Int32Array.from(counts.keys())
    const value = Float64Array.from(counts, ([column, tf]) => (1 + Math.log(tf)) * (this.#idf[column] as number))
    const norm = Math.hypot(...value) || 1
    return { index, value: value.map((v) => v / norm) }
  }
}

export interface FitOptions {
  /** Number of columns of the rows. */
  size: number
  classes: number
  /** Inverse of the L2 penalty, as in scikit-learn: minimise C · Σ wᵢ lossᵢ + ½‖W‖² (bias free of the penalty). */
  C: number
  /** Weight a row by n / (classes · rows of its class). */
  balanced: boolean
  steps?: number
}

/** W [size + 1, classes], row-major; the last row is the bias. */
export interface LogisticModel {
  classes: number
  weights: Float64Array
}

function scores(model: LogisticModel, row: SparseRow, out: Float64Array): void {
  const { classes, weights } = model
  const bias = weights.length - classes
  for (let c = 0; c < classes; c++) out[c] = weights[bias + c] as number
  for (let i = 0; i < row.index.length; i++) {
    const at = (row.index[i] as number) * classes
    const x = row.value[i] as number
    for (let c = 0; c < classes; c++) (out[c] as number) += x * (weights[at + c] as number)
  }
}

function softmaxInPlace(z: Float64Array): void {
  const top = Math.max(...z)
  let sum = 0
  for (let c = 0; c < z.length; c++) {
    z[c] = Math.exp((z[c] as number) - top)
    sum += z[c] as number
  }
  for (let c = 0; c < z.length; c++) (z[c] as number) /= sum
}

/** Class probabilities of one row. */
export function probabilities(model: LogisticModel, row: SparseRow): Float64Array {
  const out = new Float64Array(model.classes)
  scores(model, row, out)
  softmaxInPlace(out)
  return out
}

/** Gradient of the mean weighted loss + ‖W‖² / (2 C n), the objective of `FitOptions` divided by C · n. */
export function gradient(
  model: LogisticModel,
  data: { rows: readonly SparseRow[]; targets: readonly number[] },
  options: FitOptions,
): Float64Array {
  const { rows, targets } = data
  const { classes, weights } = model
  const out = new Float64Array(weights.length)
  const bias = weights.length - classes
  for (let i = 0; i < bias; i++) out[i] = (weights[i] as number) / (options.C * rows.length)
  const weightOf = classWeights(targets, options)
  const p = new Float64Array(classes)
  for (const [r, row] of rows.entries()) {
    const target = targets[r] as number
    scores(model, row, p)
    softmaxInPlace(p)
    ;(p[target] as number) -= 1
    const scale = (weightOf[target] as number) / rows.length
    for (let c = 0; c < classes; c++) (p[c] as number) *= scale
    for (let i = 0; i < row.index.length; i++) {
      const at = (row.index[i] as number) * classes
      const x = row.value[i] as number
      for (let c = 0; c < classes; c++) (out[at + c] as number) += x * (p[c] as number)
    }
    for (let c = 0; c < classes; c++) (out[bias + c] as number) += p[c] as number
  }
  return out
}

function classWeights(targets: readonly number[], options: FitOptions): Float64Array {
  const counts = new Float64Array(options.classes)
  for (const target of targets) (counts[target] as number) += 1
  return options.balanced ? counts.map((n) => targets.length / (options.classes * n)) : counts.fill(1)
}

/**
 * Nesterov's accelerated gradient descent with restarts (O'Donoghue and Candès, 2015). Rows have length 1 and a bias
 * of 1 is added, and softmax has curvature at most ½, so 1 bounds the curvature of the mean loss.
 */
export function fitLogistic(
  rows: readonly SparseRow[],
  targets: readonly number[],
  options: FitOptions,
): LogisticModel {
  const { classes } = options
  const length = (options.size + 1) * classes
  const step = 1 / (1 + 1 / (options.C * rows.length))
  const weights = new Float64Array(length)
  const ahead = new Float64Array(length)
  const move = new Float64Array(length)
  let t = 1
  for (let k = 0; k < (options.steps ?? 120); k++) {
    const slope = gradient({ classes, weights: ahead }, { rows, targets }, options)
    let uphill = 0
    for (let i = 0; i < length; i++) {
      const g = slope[i] as number
      const next = (ahead[i] as number) - step * g
      const moved = next - (weights[i] as number)
      move[i] = moved
      weights[i] = next
      uphill += g * moved
    }
    const tNext = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * t * t)) / 2
    const momentum = uphill > 0 ? 0 : (t - 1) / tNext
    for (let i = 0; i < length; i++) ahead[i] = (weights[i] as number) + momentum * (move[i] as number)
    t = tNext
  }
  return { classes, weights }
}

/** Row numbers of a stratified split: `share` of every class (rounded, at least one row) goes to the test part. */
export function stratifiedSplit(
  labels: readonly string[],
  share: number,
  seed: number,
): { train: number[]; test: number[] } {
  const train: number[] = []
  const test: number[] = []
  for (const label of [...new Set(labels)].sort()) {
    const rows = randomStream(seed, 'yardstick', label).shuffle([...labels.keys()].filter((i) => labels[i] === label))
    const count = Math.max(1, Math.round(rows.length * share))
    test.push(...rows.slice(0, count))
    train.push(...rows.slice(count))
  }
  return { train: train.sort((a, b) => a - b), test: test.sort((a, b) => a - b) }
}

export interface YardstickOptions {
  features: (text: string) => string[]
  seeds: readonly number[]
  C: number
  balanced: boolean
}

/** Test accuracy of every seed: 80/20 stratified split, vocabulary and idf from the training part only. */
export function yardstick(texts: readonly string[], labels: readonly string[], options: YardstickOptions): number[] {
  const classes = [...new Set(labels)].sort()
  const target = labels.map((label) => classes.indexOf(label))
  return options.seeds.map((seed) => {
    const { train, test } = stratifiedSplit(labels, 0.2, seed)
    const vectorizer = new TfidfVectorizer(
      train.map((i) => texts[i] as string),
      options.features,
    )
    const model = fitLogistic(
      train.map((i) => vectorizer.transform(texts[i] as string)),
      train.map((i) => target[i] as number),
      { size: vectorizer.size, classes: classes.length, C: options.C, balanced: options.balanced },
    )
    const hits = test.filter((i) => {
      const p = probabilities(model, vectorizer.transform(texts[i] as string))
      return p.indexOf(Math.max(...p)) === target[i]
    })
    return hits.length / test.length
  })
}
