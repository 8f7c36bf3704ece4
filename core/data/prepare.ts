import { AppError } from '../kit/index.ts'
import { balanceRows, checkMethod, keepSome } from './balance.ts'
import { Findings } from './findings.ts'
import { assignIds, type ReadRows, readRows } from './import.ts'
import { checkClassesLearnable, checkLabelsExist, checkSeveralClasses, classCounts, labelVariants } from './labels.ts'
import { inputText, type Mapping, makeMapping } from './mapping.ts'
import { findNearPairs } from './near.ts'
import { conflictingRows, findLeaks, type Overlap, part, partDuplicates, withoutOverlaps } from './overlap.ts'
import { splitRows } from './split.ts'
import type { DataIo, DataOptions, DraftRow, PreparedData, Split } from './types.ts'

/** The three lists while the steps work on them, in file order. */
interface Sets {
  train: DraftRow[]
  validation: DraftRow[]
  test: DraftRow[]
}

/**
 * All data steps in the order of the interface: read, clean, duplicates, leaks, split, too long, (per-class cap,) balance.
 * Same options, files and seed give the same result on every machine. Test rows are never changed.
 * Errors: `data.*` of every step; `data.leak` and `data.near_leak` are the gates (exit 4); `feature.unavailable`.
 */
export function prepareData(options: DataOptions, io: DataIo): PreparedData {
  checkOptions(options)
  const mapping = makeMapping(options.task, options.columns)
  const findings = new Findings()
  const { sets, rows } = readAll(options, io, findings)
  clean(sets, options, findings)
  assignIds(sets.test, sets.validation, sets.train)
  inspect(sets, findings)
  const duplicatesRemoved = dropDuplicates(sets, options, findings)
  let leaksRemoved = dropLeaks(sets, options, findings)
  const held = sets.test.length + sets.validation.length
  leaksRemoved += dropNearLeaks(sets, { options, mapping, io, findings })
  if (sets.train.length > 0 && splitOff(sets, options, io, findings) > held) {
    leaksRemoved += dropNearLeaks(sets, { options, mapping, io, findings })
  }
  const tooLong = dropTooLong(sets, io, findings)
  const facts = { rows, ...findings.counts(), duplicates: duplicatesRemoved, leaks: leaksRemoved, tooLong }
  if (sets.train.length === 0) throw new AppError('data.no_training_rows', facts)
  const classesBefore = Object.fromEntries(classCounts(sets.train))
  const balanced = balance(sets, options, io)
  return {
    ...sets,
    classesBefore,
    labels: [...classCounts(sets.train).keys()],
    summary: {
      rows,
      trainRows: sets.train.length,
      validationRows: sets.validation.length,
      testRows: sets.test.length,
      classes: Object.fromEntries(classCounts(sets.train)),
      ...balanced,
      personalData: {},
      duplicatesRemoved,
      leaksRemoved,
      tooLong,
    },
    findings: findings.list(),
  }
}

function checkOptions({ perClass, balance, split, test, validation, train }: DataOptions): void {
  const refuse = (option: string, value: unknown, expected: string): never => {
    throw new AppError('data.option_invalid', { option, value, expected })
  }
  checkMethod(balance.method)
  if (train.length === 0) refuse('data.train', '[]', '≥ 1')
  if (perClass !== null && !(Number.isInteger(perClass) && perClass >= 1)) refuse('data.perClass', perClass, '≥ 1')
  if (!(balance.maxRatio >= 1 && Number.isFinite(balance.maxRatio))) refuse('balance.maxRatio', balance.maxRatio, '≥ 1')
  if (split === null) return
  for (const name of ['test', 'validation'] as const) {
    if (!(split[name] >= 0 && split[name] < 1)) refuse(`data.split.${name}`, split[name], '≥ 0, < 1')
  }
  if (split.test + split.validation >= 1) refuse('data.split', split.test + split.validation, '< 1')
  if (split.test > 0 && test !== null) throw new AppError('data.split_conflict', { split: 'test' })
  if (split.validation > 0 && validation !== null) throw new AppError('data.split_conflict', { split: 'validation' })
}

/** Step "read". */
function readAll(options: DataOptions, io: DataIo, findings: Findings): { sets: Sets; rows: number } {
  const read = (paths: readonly string[] | null, split: Split): ReadRows | null =>
    paths === null || paths.length === 0
      ? null
      : readRows({ paths, columns: options.columns, task: options.task, split }, io)
  const parts = [read(options.train, 'train'), read(options.validation, 'validation'), read(options.test, 'test')]
  const [train, validation, test] = parts.map((p) => p?.rows ?? [])
  const empty = parts.flatMap((p) => p?.empty ?? [])
  if (empty.length > 0) {
    const places = empty.map((source) => `${source.file}:${source.line}`)
    findings.add({ kind: 'emptyRows', count: empty.length, removed: true, rows: places })
  }
  return { sets: { train, validation, test }, rows: parts.reduce((sum, p) => sum + (p?.count ?? 0), 0) }
}

/** Step "clean": the classes that are asked for, and at least two of them. */
function clean(sets: Sets, options: DataOptions, findings: Findings): void {
  if (options.task !== 'classification') return
  if (options.labels !== null) {
    checkLabelsExist(options.labels, classCounts(sets.train))
    const wanted = new Set(options.labels)
    const places: string[] = []
    for (const name of ['train', 'validation', 'test'] as const) {
      const { kept, removed } = part(sets[name], (row) => row.label !== null && wanted.has(row.label))
      sets[name] = kept
      for (const { source } of removed) places.push(`${source.file}:${source.line}`)
    }
    if (places.length > 0) findings.add({ kind: 'otherClasses', count: places.length, removed: true, rows: places })
  }
  checkSeveralClasses(classCounts(sets.train))
  checkClassesLearnable(sets.train, sets.test, 'test')
  checkClassesLearnable(sets.train, sets.validation, 'validation')
}

/** Observations that change nothing. */
function inspect(sets: Sets, findings: Findings): void {
  const all = [...sets.train, ...sets.validation, ...sets.test]
  findings.addRows('replacementCharacters', all.filter(hasReplacementCharacter), false)
  const variants = labelVariants(classCounts(all).keys())
  if (variants.length > 0) {
    findings.add({ kind: 'labelVariants', count: variants.flat().length, removed: false, rows: [], labels: variants })
  }
  findings.addRows('conflictingLabels', conflictingRows(sets.train).rows, false)
}

function hasReplacementCharacter(row: DraftRow): boolean {
  return Object.values(row.fields).some((text) => text.includes('\ufffd'))
}

/** Step "duplicates": inside the training rows only. */
function dropDuplicates(sets: Sets, options: DataOptions, findings: Findings): number {
  const { kept, removed } = partDuplicates(sets.train)
  const removes = options.duplicates === 'remove'
  findings.addRows('duplicates', removed, removes)
  if (!removes) return 0
  sets.train = kept
  return removed.length
}

/** Step "leaks", exact: from training, and from given validation rows that stand in the test rows. */
function dropLeaks(sets: Sets, options: DataOptions, findings: Findings): number {
  const inTest = findLeaks(sets.validation, sets.test)
  const leaks = [...inTest, ...findLeaks(sets.train, [...sets.test, ...sets.validation])]
  if (leaks.length === 0) return 0
  if (options.leaks === 'refuse') throw new AppError('data.leak', gateFacts(leaks))
  findings.addRows(
    'leaks',
    leaks.map((l) => l.row),
    true,
  )
  sets.validation = withoutOverlaps(sets.validation, inTest)
  sets.train = withoutOverlaps(sets.train, leaks)
  return leaks.length
}

interface NearWork {
  readonly options: DataOptions
  readonly mapping: Mapping
  readonly io: DataIo
  readonly findings: Findings
}

/** Near duplicates between training and held-out rows: reported, removed from training, or refused. */
function dropNearLeaks(sets: Sets, { options, mapping, io, findings }: NearWork): number {
  const held = [...sets.test, ...sets.validation]
  if (held.length === 0) return 0
  const text = (row: DraftRow): string => inputText(mapping, row.fields)
  const progress = (done: number, total: number): void => io.progress?.({ stage: 'check', done, total, unit: 'rows' })
  const pairs = findNearPairs(sets.train.map(text), held.map(text), { cancel: io.cancel, progress })
  const overlaps = pairs.map(({ a, b, similarity }) => ({ row: sets.train[a], other: held[b], similarity }))
  if (overlaps.length > 0 && options.nearLeaks === 'refuse') throw new AppError('data.near_leak', gateFacts(overlaps))
  const removes = options.nearLeaks === 'remove'
  findings.setNearLeaks(overlaps, removes)
  if (!removes) return 0
  sets.train = withoutOverlaps(sets.train, overlaps)
  return overlaps.length
}

function gateFacts(overlaps: readonly Overlap[]): Record<string, unknown> {
  const examples = overlaps
    .slice(0, 3)
    .map(({ row, other }) => `${row.source.file}:${row.source.line} = ${other.source.file}:${other.source.line}`)
  return { count: overlaps.length, examples }
}

/** Step "split": what no file gives is drawn from the training rows. Returns the number of held-out rows afterwards. */
function splitOff(sets: Sets, options: DataOptions, io: DataIo, findings: Findings): number {
  io.cancel.throwIfRequested()
  io.progress?.({ stage: 'split', done: 0, total: sets.train.length, unit: 'rows' })
  const parts = splitRows(sets.train, {
    test: options.test === null ? (options.split?.test ?? 0) : 0,
    validation: options.validation === null ? (options.split?.validation ?? 0) : 0,
    needsValidation: options.needsValidation && options.validation === null,
    seed: options.seed,
  })
  sets.train = parts.train
  sets.validation.push(...parts.validation)
  sets.test.push(...parts.test)
  if (parts.tooSmall.length > 0) {
    const rows = parts.train.filter((row) => parts.tooSmall.includes(row.label ?? '')).map((row) => row.id)
    const labels = parts.tooSmall.map((label) => [label])
    findings.add({ kind: 'smallClasses', count: parts.tooSmall.length, removed: false, rows, labels })
  }
  return sets.test.length + sets.validation.length
}

/** Step "too long": rows whose answer would be cut leave their split and are counted. */
function dropTooLong(sets: Sets, io: DataIo, findings: Findings): number {
  const isTooLong = io.isTooLong
  if (!isTooLong) return 0
  const gone: DraftRow[] = []
  for (const name of ['train', 'validation', 'test'] as const) {
    const { kept, removed } = part(sets[name], (row) => !isTooLong(row), io.cancel)
    sets[name] = kept
    gone.push(...removed)
  }
  findings.addRows('tooLong', gone, true)
  return gone.length
}

/** Steps "per-class cap" and "balance", training rows only. */
function balance(sets: Sets, options: DataOptions, io: DataIo): { ratioBefore: number; ratioAfter: number } {
  if (options.task !== 'classification') return { ratioBefore: 0, ratioAfter: 0 }
  io.cancel.throwIfRequested()
  io.progress?.({ stage: 'balance', done: 0, total: sets.train.length, unit: 'rows' })
  checkSeveralClasses(classCounts(sets.train))
  checkClassesLearnable(sets.train, sets.test, 'test')
  checkClassesLearnable(sets.train, sets.validation, 'validation')
  const { perClass, seed } = options
  if (perClass !== null) {
    const limits = new Map([...classCounts(sets.train).keys()].map((label) => [label, perClass]))
    sets.train = keepSome(sets.train, limits, seed, 'perClass')
  }
  const { rows, plan } = balanceRows(sets.train, { ...options.balance, seed })
  sets.train = rows
  return { ratioBefore: plan.ratioBefore, ratioAfter: plan.ratioAfter }
}
