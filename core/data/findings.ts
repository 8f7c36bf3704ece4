import type { Overlap } from './overlap.ts'
import type { DataFinding, DraftRow, FindingKind } from './types.ts'

/** Rows and pairs listed with a finding; the count is always whole. */
const LISTED = 1000

/** Collects what the data steps notice; the order of the list is the order of the steps. */
export class Findings {
  private readonly found = new Map<FindingKind, DataFinding>()

  add(finding: DataFinding): void {
    this.found.set(finding.kind, { ...finding, rows: finding.rows.slice(0, LISTED) })
  }

  /** Adds a finding about these rows, unless there are none. */
  addRows(kind: FindingKind, rows: readonly DraftRow[], removed: boolean): void {
    if (rows.length > 0) this.add({ kind, count: rows.length, removed, rows: rows.slice(0, LISTED).map((r) => r.id) })
  }

  /** Near leaks are looked for before and after the split; removed ones add up, reported ones are found again. */
  setNearLeaks(overlaps: readonly Overlap[], removed: boolean): void {
    if (overlaps.length === 0) return
    const earlier = removed ? this.found.get('nearLeaks') : undefined
    const pairs = overlaps
      .slice(0, LISTED)
      .map(({ row, other, similarity }) => ({ train: row.id, other: other.id, similarity }))
    this.add({
      kind: 'nearLeaks',
      count: overlaps.length + (earlier?.count ?? 0),
      removed,
      rows: [...(earlier?.rows ?? []), ...pairs.map((p) => p.train)],
      pairs: [...(earlier?.pairs ?? []), ...pairs].slice(0, LISTED),
    })
  }

  /** Dropped rows by reason, for the message when nothing is left. */
  counts(): { empty: number; filtered: number } {
    return {
      empty: this.found.get('emptyRows')?.count ?? 0,
      filtered: this.found.get('otherClasses')?.count ?? 0,
    }
  }

  list(): DataFinding[] {
    return [...this.found.values()]
  }
}
