import type { CancelToken } from '../kit/index.ts'
import type { DraftRow } from './types.ts'

/** Rows that stay and rows that go, both in their order. */
export interface Parted {
  readonly kept: DraftRow[]
  readonly removed: DraftRow[]
}

/** Keeps the first row of each content (all mapped columns, label included). */
export function partDuplicates(rows: readonly DraftRow[]): Parted {
  const seen = new Set<string>()
  return part(rows, (row) => {
    if (seen.has(row.hash)) return false
    seen.add(row.hash)
    return true
  })
}

/** A training row and the held-out row that it repeats. */
export interface Overlap {
  readonly row: DraftRow
  readonly other: DraftRow
  /** 1 for equal inputs. */
  readonly similarity: number
}

/** Rows whose input also stands in `held`, whatever the answer: the test question itself was trained on. */
export function findLeaks(rows: readonly DraftRow[], held: readonly DraftRow[]): Overlap[] {
  const known = new Map<string, DraftRow>()
  for (const other of held) if (!known.has(other.group)) known.set(other.group, other)
  return rows.flatMap((row) => {
    const other = known.get(row.group)
    return other === undefined ? [] : [{ row, other, similarity: 1 }]
  })
}

/** Takes the rows of these overlaps out. */
export function withoutOverlaps(rows: readonly DraftRow[], overlaps: readonly Overlap[]): DraftRow[] {
  const gone = new Set(overlaps.map((o) => o.row))
  return rows.filter((row) => !gone.has(row))
}

/** Parts rows by a predicate, in order. */
export function part(rows: readonly DraftRow[], keep: (row: DraftRow) => boolean, cancel?: CancelToken): Parted {
  const kept: DraftRow[] = []
  const removed: DraftRow[] = []
  rows.forEach((row, i) => {
    if (i % 256 === 0) cancel?.throwIfRequested()
    ;(keep(row) ? kept : removed).push(row)
  })
  return { kept, removed }
}

/** Rows of groups whose rows carry different classes, and how many such groups there are. */
export function conflictingRows(rows: readonly DraftRow[]): { rows: DraftRow[]; groups: Set<string> } {
  const labels = new Map<string, string | null>()
  const groups = new Set<string>()
  for (const { group, label } of rows) {
    if (!labels.has(group)) labels.set(group, label)
    else if (labels.get(group) !== label) groups.add(group)
  }
  return { rows: rows.filter((row) => groups.has(row.group)), groups }
}
