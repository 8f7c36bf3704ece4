import type { AirlockApp, BalanceResult } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { type BalancePlan, balanceRows } from '../data/index.ts'
import { AppError } from '../kit/index.ts'
import type { AppContext } from './context.ts'
import { refuseTaken, tablePath, writeTables } from './data-files.ts'
import type { SourceRow } from './data-source.ts'
import { addVersion, isCopy, type StoredVersion, versionDigest } from './data-store.ts'
import { type Collected, collect, type StepRow, stepRows } from './data-survey.ts'

type Input = Parameters<AirlockApp['dataBalance']>[0]

/** The column that holds a row's weight in a written table. */
const WEIGHT = 'weight'

/**
 * Balances training rows to at most `maxRatio` (largest class : smallest class). In a stored dataset that is split only
 * its training rows change, and it gets a new version: rows that were left out stay in it without a split, repeated ones
 * refer to their original. `weight` and `none` leave the rows as they are, so there is no new version; a written table
 * has the weights in a column of their own. Balancing again starts from the rows that were read, not from copies.
 * Errors: `data.*`, `data.no_classes`, `data.one_class`, `data.column_taken`, `data.target_exists`.
 */
export async function dataBalance(context: AppContext, input: Input, io: AppIo): Promise<BalanceResult> {
  const { maxRatio, method, seed } = input
  if (!(maxRatio >= 1 && Number.isFinite(maxRatio))) {
    throw new AppError('data.option_invalid', { option: 'maxRatio', value: maxRatio, expected: '≥ 1' })
  }
  const path = input.to === null ? null : tablePath(input.to, null, 'balanced')
  if (path !== null) refuseTaken([path])
  const collected = await collect(context, input, io)
  const { source, rows } = collected
  const { stored, header } = source
  const training = trainingRows(collected)
  checkClasses(collected, training)
  if (path !== null && method === 'weight' && header.includes(WEIGHT)) {
    throw new AppError('data.column_taken', { column: WEIGHT })
  }
  io.progress({ stage: 'balance', done: 0, total: training.length, unit: 'rows' })
  const { rows: balanced, plan } = balanceRows(stepRows(collected, training), { maxRatio, method, seed })
  io.progress({ stage: 'balance', done: training.length, total: training.length, unit: 'rows' })
  const isChanged = method === 'downsample' || method === 'upsample'
  const known = new Set(training.map(({ id }) => id))
  const next = versionRows(rows, known, balanced)
  const version = stored === null || !isChanged ? null : store(context, { input, collected, stored, next })
  if (path !== null) writeTables([tableOf(path, header, { balanced, weighted: method === 'weight' })], io)
  const originals = balanced.filter(({ id }) => known.has(id)).length
  return {
    dataset: stored?.dataset.id ?? null,
    version,
    ...figures(plan),
    removed: training.length - originals,
    added: balanced.length - originals,
    files: path === null ? [] : [path],
  }
}

function trainingRows({ source, rows }: Collected): SourceRow[] {
  const hasSplits = source.stored?.hasSplits === true
  return rows.filter((row) => !isCopy(row) && (!hasSplits || row.split === 'train'))
}

function checkClasses({ source }: Collected, training: readonly SourceRow[]): void {
  const labels = new Set(training.map(({ label }) => label))
  const [label] = labels
  if (label === undefined || label === null)
    throw new AppError('data.no_classes', { columns: source.header.slice(0, 50) })
  if (labels.size === 1) throw new AppError('data.one_class', { label, rows: training.length })
}

function figures({
  classes,
  ratioBefore,
  ratioAfter,
}: BalancePlan): Pick<BalanceResult, 'before' | 'after' | 'ratioBefore' | 'ratioAfter'> {
  const counts = (key: 'before' | 'after'): Record<string, number> =>
    Object.fromEntries(classes.map((each) => [each.label, each[key]]))
  return { before: counts('before'), after: counts('after'), ratioBefore, ratioAfter }
}

/** All rows of the next version: in their order, what balancing took out without a split, the copies at the end. */
function versionRows(
  rows: readonly SourceRow[],
  training: ReadonlySet<string>,
  balanced: readonly StepRow[],
): SourceRow[] {
  const kept = new Set(balanced.map(({ id }) => id))
  const originals = rows.filter((row) => !isCopy(row))
  const byId = new Map(originals.map((row) => [row.id, row]))
  const stay = originals.map((row): SourceRow => {
    return training.has(row.id) ? { ...row, split: kept.has(row.id) ? 'train' : null } : row
  })
  const copies = balanced.flatMap(({ id, parent }) => {
    const original = byId.has(id) || parent === null ? undefined : byId.get(parent)
    return original === undefined ? [] : [{ ...original, id, parent, split: 'train' as const, addedAt: null }]
  })
  return [...stay, ...copies]
}

function tableOf(
  path: string,
  header: readonly string[],
  { balanced, weighted }: { balanced: readonly StepRow[]; weighted: boolean },
) {
  return weighted
    ? {
        path,
        columns: [...header, WEIGHT],
        rows: balanced.map(({ fields, weight }) => ({ ...fields, [WEIGHT]: String(weight) })),
      }
    : { path, columns: header, rows: balanced.map(({ fields }) => fields) }
}

interface Outcome {
  readonly input: Input
  readonly collected: Collected
  readonly stored: StoredVersion
  readonly next: readonly SourceRow[]
}

function store(context: AppContext, { input, collected, stored, next }: Outcome): string {
  const { maxRatio, method, seed, labels } = input
  const { header, rule } = collected.source
  const digest = versionDigest()
  for (const row of next) digest.add(row)
  const settings = {
    step: 'balance' as const,
    header,
    data: { columns: rule.columns, labels },
    balance: { maxRatio, method },
    seed,
  }
  return context.store().write((tx) => {
    // The test rows are untouched, and so is their identity.
    const { testHash } = stored.version
    const id = addVersion(tx, { datasetId: stored.dataset.id, settings, digest: digest.hex(), testHash, rows: next })
    const from = stored.version.id
    tx.audit({
      action: 'data.balance',
      subject: id,
      detail: { dataset: stored.dataset.id, from, rows: next.length, maxRatio, method, seed },
    })
    return id
  })
}
