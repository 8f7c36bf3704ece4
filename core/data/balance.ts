import { AppError, randomStream, unreachable } from '../kit/index.ts'
import { classCounts, ratioOf } from './labels.ts'
import type { BalanceMethod, DraftRow } from './types.ts'

/** What a method would do to each class; the numbers shown before anything is changed. */
export interface BalancePlan {
  readonly method: BalanceMethod
  readonly ratioBefore: number
  readonly ratioAfter: number
  readonly classes: readonly {
    readonly label: string
    readonly before: number
    /** Rows after balancing. */
    readonly after: number
    /** Loss weight of each row. */
    readonly weight: number
  }[]
}

/**
 * Plans the balancing of training rows to at most `maxRatio` (largest class : smallest class).
 * With n_c rows in class c: down-sampling keeps min(n_c, ⌊min n · r⌋), up-sampling repeats to max(n_c, ⌈max n / r⌉),
 * weighting aims at t_c = max(n_c, max n / r) with weight t_c / n_c, scaled so that the mean weight over rows is 1.
 * Errors: `feature.unavailable` for augmentation.
 */
export function planBalance(
  counts: ReadonlyMap<string, number>,
  { maxRatio, method }: { readonly maxRatio: number; readonly method: BalanceMethod },
): BalancePlan {
  checkMethod(method)
  const sizes = [...counts.values()]
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)]
  const ceiling = Math.floor(smallest * maxRatio)
  const floor = Math.ceil(largest / maxRatio)
  const aims = sizes.map((n) => Math.max(n, largest / maxRatio))
  const scale = sizes.reduce((sum, n) => sum + n, 0) / aims.reduce((sum, t) => sum + t, 0)
  const classes = [...counts].map(([label, before], i) => {
    const after =
      method === 'downsample' ? Math.min(before, ceiling) : method === 'upsample' ? Math.max(before, floor) : before
    return { label, before, after, weight: method === 'weight' ? (scale * aims[i]) / before : 1 }
  })
  return {
    method,
    ratioBefore: ratioOf(sizes),
    ratioAfter: method === 'weight' ? ratioOf(aims) : ratioOf(classes.map((c) => c.after)),
    classes,
  }
}

/** Errors: `feature.unavailable` for methods that are not built. */
export function checkMethod(method: BalanceMethod): void {
  if (method === 'augment') throw new AppError('feature.unavailable', { feature: 'balance.method: augment' })
}

/** Balances training rows; see `planBalance`. Kept rows stay in file order, repeated rows follow at the end. */
export function balanceRows(
  rows: readonly DraftRow[],
  options: { readonly maxRatio: number; readonly method: BalanceMethod; readonly seed: number },
): { rows: DraftRow[]; plan: BalancePlan } {
  const plan = planBalance(classCounts(rows), options)
  switch (options.method) {
    case 'downsample':
      return {
        rows: keepSome(rows, new Map(plan.classes.map((c) => [c.label, c.after])), options.seed, 'balance'),
        plan,
      }
    case 'upsample':
      return { rows: [...rows, ...copies(rows, plan, options.seed)], plan }
    case 'weight': {
      const weights = new Map(plan.classes.map((c) => [c.label, c.weight]))
      return { rows: rows.map((row) => ({ ...row, weight: weights.get(row.label ?? '') ?? 1 })), plan }
    }
    case 'none':
      return { rows: [...rows], plan }
    case 'augment':
      throw new AppError('feature.unavailable', { feature: 'balance.method: augment' })
    default:
      return unreachable(options.method)
  }
}

/** Keeps at most `limits[class]` rows of each class, a seeded choice, in their order. */
export function keepSome(
  rows: readonly DraftRow[],
  limits: ReadonlyMap<string, number>,
  seed: number,
  purpose: string,
): DraftRow[] {
  const kept = new Set<DraftRow>()
  for (const [label, members] of byClass(rows)) {
    const limit = limits.get(label) ?? members.length
    const chosen =
      members.length <= limit ? members : randomStream(seed, purpose, label).shuffle(members).slice(0, limit)
    for (const row of chosen) kept.add(row)
  }
  return rows.filter((row) => kept.has(row))
}

/** Copies that lift the small classes: whole rounds first, then a seeded part of the class, each linked to its parent. */
function copies(rows: readonly DraftRow[], plan: BalancePlan, seed: number): DraftRow[] {
  const members = byClass(rows)
  const added: DraftRow[] = []
  for (const { label, before, after } of plan.classes) {
    const originals = members.get(label) ?? []
    const stream = randomStream(seed, 'balance', label)
    for (let round = 1; before + (round - 1) * originals.length < after; round++) {
      const missing = after - before - (round - 1) * originals.length
      for (const row of stream.shuffle(originals).slice(0, missing)) {
        added.push({ ...row, id: `${row.id}+${round}`, parent: row.id })
      }
    }
  }
  return randomStream(seed, 'balance', 'order').shuffle(added)
}

function byClass(rows: readonly DraftRow[]): Map<string, DraftRow[]> {
  const members = new Map<string, DraftRow[]>()
  for (const row of rows) {
    const label = row.label ?? ''
    const list = members.get(label)
    if (list) list.push(row)
    else members.set(label, [row])
  }
  return members
}
