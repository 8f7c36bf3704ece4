import type { AirlockApp, SplitResult } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { findNearPairs, type Split, splitRows } from '../data/index.ts'
import { findLeaks, withoutOverlaps } from '../data/overlap.ts'
import { AppError } from '../kit/index.ts'
import type { AppContext } from './context.ts'
import { refuseTaken, type TableToWrite, tablePath, writeTables } from './data-files.ts'
import type { SourceRow } from './data-source.ts'
import { addVersion, isCopy, leftOut, versionDigest } from './data-store.ts'
import { type Collected, collect, type StepRow, sorted, stepRows } from './data-survey.ts'
import { testHash } from './runs/prepare.ts'

type Input = Parameters<AirlockApp['dataSplit']>[0]
type Parts = Record<Split, StepRow[]>

const SPLITS = ['train', 'validation', 'test'] as const

/**
 * Stratified, seeded split into training, validation and test rows. Files are only looked at, and written with `to`; a
 * stored dataset gets a new version. Rows with one input stay together, so equal inputs never part; near duplicates
 * across the splits are counted. A version whose rows stand in splits already is split anew.
 * Errors: `data.*`, `data.leak` (exit 4), `data.split_after_balance`, `data.target_exists`.
 */
export async function dataSplit(context: AppContext, input: Input, io: AppIo): Promise<SplitResult> {
  checkShares(input)
  const { to } = input
  if (to !== null) refuseTaken(SPLITS.map((split) => tablePath(to, split, split)))
  const collected = await collect(context, input, io)
  const { source, rows } = collected
  const pool = poolOf(collected)
  io.progress({ stage: 'split', done: 0, total: pool.length, unit: 'rows' })
  const { test, validation, seed } = input
  const drawn = splitRows(stepRows(collected, pool), { test, validation, needsValidation: false, seed })
  const { parts, leaksRemoved } = withoutLeaks(drawn, input)
  const nearLeaks = countNear(collected, parts, io)
  const placed = place(rows, parts)
  const version = source.stored === null ? null : store(context, { input, collected, placed })
  const tables = to === null ? [] : tablesOf(placed, { to, columns: source.header })
  writeTables(tables, io)
  return {
    dataset: source.stored?.dataset.id ?? null,
    version,
    trainRows: parts.train.length,
    validationRows: parts.validation.length,
    testRows: parts.test.length,
    classes: classTable(parts),
    leaksRemoved,
    nearLeaks,
    files: tables.map(({ path }) => path),
  }
}

function checkShares({ test, validation }: Input): void {
  const refuse = (option: string, value: number, expected: string): never => {
    throw new AppError('data.option_invalid', { option, value, expected })
  }
  if (!(test >= 0 && test < 1)) refuse('test', test, '≥ 0, < 1')
  if (!(validation >= 0 && validation < 1)) refuse('validation', validation, '≥ 0, < 1')
  if (!(test + validation > 0 && test + validation < 0.95))
    refuse('test + validation', test + validation, '> 0, < 0.95')
}

/** The rows to split: all that no earlier step left out. Copies would carry a training row into the test rows. */
function poolOf({ source, rows }: Collected): SourceRow[] {
  const pool = rows.filter((row) => !leftOut(source.stored, row))
  const copies = pool.filter(isCopy).length
  const version = source.stored?.version.id ?? ''
  if (copies > 0) throw new AppError('data.split_after_balance', { version, copies })
  return pool
}

/** Holds the split to the rule it promises: no input stands on both sides. */
function withoutLeaks(
  { train, validation, test }: Parts,
  { leaks: rule }: Input,
): { parts: Parts; leaksRemoved: number } {
  const leaks = findLeaks(train, [...test, ...validation])
  if (leaks.length > 0 && rule === 'refuse') {
    const examples = leaks.slice(0, 3).map(({ row, other }) => `${shown(row)} = ${shown(other)}`)
    throw new AppError('data.leak', { count: leaks.length, examples })
  }
  return { parts: { train: withoutOverlaps(train, leaks), validation, test }, leaksRemoved: leaks.length }
}

function shown({ source }: StepRow): string {
  return `${source.file}:${source.line}`
}

function countNear({ source }: Collected, parts: Parts, io: AppIo): number {
  const text = ({ fields }: StepRow): string => source.rule.inputText(fields)
  const held = [...parts.test, ...parts.validation].map(text)
  const progress = (done: number, total: number): void => io.progress({ stage: 'check', done, total, unit: 'rows' })
  return findNearPairs(parts.train.map(text), held, { cancel: io.cancel, progress }).length
}

/** The rows in their own order, each in its split; what is in none was left out. */
function place(rows: readonly SourceRow[], parts: Parts): SourceRow[] {
  const splits = new Map(SPLITS.flatMap((split) => parts[split].map(({ id }) => [id, split] as const)))
  return rows.map((row) => ({ ...row, split: splits.get(row.id) ?? null }))
}

/** One table a split that has rows. */
function tablesOf(
  placed: readonly SourceRow[],
  { to, columns }: { to: string; columns: readonly string[] },
): TableToWrite[] {
  return SPLITS.map((split) => {
    const rows = placed.filter((row) => row.split === split).map(({ fields }) => fields)
    return { path: tablePath(to, split, split), columns, rows }
  }).filter(({ rows }) => rows.length > 0)
}

function classTable(parts: Parts): SplitResult['classes'] {
  const classes = new Map<string, Record<Split, number>>()
  for (const split of SPLITS) {
    for (const { label } of parts[split]) {
      if (label === null) continue
      const counts = classes.get(label) ?? { train: 0, validation: 0, test: 0 }
      counts[split]++
      classes.set(label, counts)
    }
  }
  return Object.fromEntries(sorted(classes))
}

interface Outcome {
  readonly input: Input
  readonly collected: Collected
  readonly placed: readonly SourceRow[]
}

function store(context: AppContext, { input, collected, placed }: Outcome): string | null {
  const { source } = collected
  const { stored, header, rule } = source
  if (stored === null) return null
  const { test, validation, leaks, seed, labels } = input
  const digest = versionDigest()
  for (const row of placed) digest.add(row)
  const held = placed.filter((row) => row.split === 'test')
  const data = { columns: rule.columns, labels, split: { test, validation }, leaks }
  const version = {
    datasetId: stored.dataset.id,
    settings: { step: 'split' as const, header, data, seed },
    digest: digest.hex(),
    testHash: held.length === 0 ? null : testHash(held),
    rows: placed,
  }
  return context.store().write((tx) => {
    const id = addVersion(tx, version)
    const from = stored.version.id
    tx.audit({
      action: 'data.split',
      subject: id,
      detail: { dataset: stored.dataset.id, from, rows: placed.length, test, validation, seed },
    })
    return id
  })
}
