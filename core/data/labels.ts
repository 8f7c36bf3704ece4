import { nearest } from '../contract/recipe/nearest.ts'
import { AppError } from '../kit/index.ts'
import type { DataRow, Split } from './types.ts'

/** Rows a class, classes sorted by code unit. Rows without a class are not counted. */
export function classCounts(rows: readonly DataRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { label } of rows) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => compare(a, b)))
}

/** Order by code unit: the same on every machine and in every language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Largest : smallest, 0 without any. */
export function ratioOf(amounts: Iterable<number>): number {
  const list = [...amounts]
  return list.length === 0 ? 0 : Math.max(...list) / Math.min(...list)
}

/** Groups of spellings that differ only in case, spaces or punctuation (`Card lost`, `card_lost`). */
export function labelVariants(labels: Iterable<string>): string[][] {
  const groups = new Map<string, string[]>()
  for (const label of labels) {
    const folded = label
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}]+/gu, '')
    const key = folded === '' ? label : folded
    groups.set(key, [...(groups.get(key) ?? []), label])
  }
  return [...groups.values()].filter((g) => g.length > 1).map((g) => g.sort(compare))
}

/** Checks `data.labels` against the classes that exist. Errors: `data.label_unknown`. */
export function checkLabelsExist(wanted: readonly string[], counts: ReadonlyMap<string, number>): void {
  const existing = [...counts.keys()]
  for (const label of wanted) {
    if (!counts.has(label)) throw new AppError('data.label_unknown', { label, nearest: nearest(label, existing) ?? '' })
  }
}

/** Errors: `data.one_class`, when fewer than two classes can be learned. */
export function checkSeveralClasses(counts: ReadonlyMap<string, number>): void {
  const [first, second] = counts
  if (first !== undefined && second === undefined) {
    throw new AppError('data.one_class', { label: first[0], rows: first[1] })
  }
}

/** Errors: `data.label_only_in_test` for classes of held-out rows that have no training row. */
export function checkClassesLearnable(train: readonly DataRow[], held: readonly DataRow[], split: Split): void {
  const known = classCounts(train)
  const unknown = [...classCounts(held).keys()].filter((label) => !known.has(label))
  if (unknown.length === 0) return
  const suggestion = nearest(unknown[0], [...known.keys()]) ?? ''
  throw new AppError('data.label_only_in_test', { labels: unknown.slice(0, 20), split, nearest: suggestion })
}
