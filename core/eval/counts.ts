/** Per-class counts of one system on one set of rows, each array [K]. */
export interface ClassCounts {
  /** Rows of the class answered rightly. */
  right: Int32Array
  /** Rows whose right answer is the class. */
  support: Int32Array
  /** Rows for which the class was predicted. */
  predicted: Int32Array
}

export function emptyCounts(K: number): ClassCounts {
  return { right: new Int32Array(K), support: new Int32Array(K), predicted: new Int32Array(K) }
}

/** Counts rows by class; `rows` picks rows (with repetition, for resampling), otherwise every row once. */
export function countClasses(
  counts: ClassCounts,
  gold: Int32Array,
  answered: Int32Array,
  rows?: Int32Array,
): ClassCounts {
  const { right, support, predicted } = counts
  right.fill(0)
  support.fill(0)
  predicted.fill(0)
  const n = rows === undefined ? gold.length : rows.length
  for (let i = 0; i < n; i++) {
    const row = rows === undefined ? i : (rows[i] as number)
    const g = gold[row] as number
    const p = answered[row] as number
    support[g]!++
    predicted[p]!++
    if (g === p) right[g]!++
  }
  return counts
}

/** F1 = 2·TP / (gold rows + predicted rows); 0 when the class occurs in neither. */
export const f1Of = (counts: ClassCounts, k: number): number =>
  share(2 * (counts.right[k] as number), (counts.support[k] as number) + (counts.predicted[k] as number))

/** TP / predicted rows; 0 when the class was never predicted. */
export const precisionOf = (counts: ClassCounts, k: number): number =>
  share(counts.right[k] as number, counts.predicted[k] as number)

/** TP / gold rows; 0 without gold rows. */
export const recallOf = (counts: ClassCounts, k: number): number =>
  share(counts.right[k] as number, counts.support[k] as number)

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

/** Mean of a per-class score over the classes that have at least one row. */
export function macroOf(counts: ClassCounts, scoreOf: (counts: ClassCounts, k: number) => number): number {
  let sum = 0
  let classes = 0
  for (let k = 0; k < counts.support.length; k++) {
    if (counts.support[k] === 0) continue
    sum += scoreOf(counts, k)
    classes++
  }
  return classes === 0 ? 0 : sum / classes
}

/** Share of rows answered rightly. */
export function accuracyOf(counts: ClassCounts): number {
  return total(counts.right) / total(counts.support)
}

export function total(values: Int32Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** gold → predicted → rows by label name; zero cells are left out. */
export function confusionOf(
  labels: readonly string[],
  gold: Int32Array,
  answered: Int32Array,
): Record<string, Record<string, number>> {
  const K = labels.length
  const cells = new Int32Array(K * K)
  for (let i = 0; i < gold.length; i++) cells[(gold[i] as number) * K + (answered[i] as number)]!++
  const lines = labels.map((label, g): [string, Record<string, number>] => [
    label,
    Object.fromEntries(labels.map((name, p): [string, number] => [name, cells[g * K + p] as number]).filter(nonZero)),
  ])
  return Object.fromEntries(lines.filter(([, line]) => Object.keys(line).length > 0))
}

const nonZero = ([, rows]: [string, number]): boolean => rows > 0
