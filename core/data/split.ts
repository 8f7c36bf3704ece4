import { AppError, randomStream } from '../kit/index.ts'
import { compare } from './labels.ts'
import { conflictingRows } from './overlap.ts'
import type { DraftRow, Split } from './types.ts'

/** Share of the training split that becomes validation rows when some are needed and none are given. */
export const VALIDATION_SHARE = 0.1

export interface SplitPlan {
  /** Share of all rows of each class, 0 for none. */
  readonly test: number
  readonly validation: number
  /** Set aside a tenth of the training split for validation when `validation` is 0. */
  readonly needsValidation: boolean
  readonly seed: number
}

/** All three splits in file order, and the classes that could not give a test row. */
export interface SplitRows {
  readonly train: DraftRow[]
  readonly validation: DraftRow[]
  readonly test: DraftRow[]
  readonly tooSmall: string[]
}

/**
 * Seeded split, stratified by class. Rows with one input stay together, and rows whose input carries several classes stay in
 * training, so the split itself can never leak. A class with at least two different inputs keeps at least one training row
 * and gives at least one test row; a smaller one stays in training. Errors: `data.class_too_small` when no class can give
 * a row of a split that is asked for.
 */
export function splitRows(rows: readonly DraftRow[], plan: SplitPlan): SplitRows {
  const strata = stratify(rows)
  const taken = new Map<DraftRow, Split>()
  const tooSmall: string[] = []
  for (const stratum of strata) {
    if (plan.test > 0) {
      const test = draw(stratum, { share: plan.test, of: stratum.rows, least: 1, purpose: 'test', seed: plan.seed })
      if (test.length === 0) tooSmall.push(stratum.label)
      for (const row of test) taken.set(row, 'test')
    }
    const share = plan.validation > 0 ? plan.validation : plan.needsValidation ? VALIDATION_SHARE : 0
    const of = plan.validation > 0 ? stratum.rows : rowsIn(stratum)
    const least = 0
    if (share > 0) {
      for (const row of draw(stratum, { share, of, least, purpose: 'validation', seed: plan.seed })) {
        taken.set(row, 'validation')
      }
    }
  }
  const wantsValidation = plan.validation > 0 || plan.needsValidation
  if (wantsValidation && ![...taken.values()].includes('validation')) takeOneForValidation(strata, taken, plan.seed)
  const parts: SplitRows = { train: [], validation: [], test: [], tooSmall }
  for (const row of rows) {
    row.split = taken.get(row) ?? 'train'
    parts[row.split].push(row)
  }
  if (plan.test > 0 && parts.test.length === 0) throw new AppError('data.class_too_small', { split: 'test' })
  return parts
}

/** Rows of one class (one stratum for tasks without classes): the groups that may still be drawn. */
interface Stratum {
  readonly label: string
  /** Rows of the class in the whole table. */
  readonly rows: number
  groups: DraftRow[][]
}

function stratify(rows: readonly DraftRow[]): Stratum[] {
  const conflicting = conflictingRows(rows).groups
  const byLabel = new Map<string, { rows: number; groups: Map<string, DraftRow[]> }>()
  for (const row of rows) {
    const label = row.label ?? ''
    const stratum = byLabel.get(label) ?? { rows: 0, groups: new Map<string, DraftRow[]>() }
    byLabel.set(label, stratum)
    stratum.rows++
    if (conflicting.has(row.group)) continue
    const group = stratum.groups.get(row.group)
    if (group) group.push(row)
    else stratum.groups.set(row.group, [row])
  }
  return [...byLabel]
    .sort(([a], [b]) => compare(a, b))
    .map(([label, { rows: count, groups }]) => ({ label, rows: count, groups: [...groups.values()] }))
}

function rowsIn(stratum: Stratum): number {
  return stratum.groups.reduce((sum, group) => sum + group.length, 0)
}

interface Draw {
  readonly share: number
  /** Number of rows that the share refers to. */
  readonly of: number
  /** Rows to give at least, if one group can still stay behind. */
  readonly least: number
  readonly purpose: 'test' | 'validation'
  readonly seed: number
}

/** Takes about `share · of` rows out of a stratum in whole groups and leaves at least one group. */
function draw(stratum: Stratum, { share, of, least, purpose, seed }: Draw): DraftRow[] {
  if (stratum.groups.length < 2) return []
  const target = Math.max(least, Math.round(share * of))
  const order = randomStream(seed, 'split', purpose, stratum.label).shuffle(stratum.groups)
  const chosen = new Set<DraftRow[]>()
  let count = 0
  for (const group of order) {
    if (chosen.size === stratum.groups.length - 1) break
    if (count + group.length > target) continue
    chosen.add(group)
    count += group.length
  }
  if (count < least) chosen.add(order.reduce((best, group) => (group.length < best.length ? group : best)))
  stratum.groups = stratum.groups.filter((group) => !chosen.has(group))
  return [...chosen].flat()
}

/** With tiny classes a tenth rounds to nothing; one group of the largest class then serves as validation. */
function takeOneForValidation(strata: readonly Stratum[], taken: Map<DraftRow, Split>, seed: number): void {
  const [largest] = [...strata].sort((a, b) => b.groups.length - a.groups.length || compare(a.label, b.label))
  const rows = largest === undefined ? [] : draw(largest, { share: 0, of: 0, least: 1, purpose: 'validation', seed })
  if (rows.length === 0) throw new AppError('data.class_too_small', { split: 'validation' })
  for (const row of rows) taken.set(row, 'validation')
}
