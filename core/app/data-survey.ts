import type { DataSource } from '../contract/app.ts'
import type { AppIo, Stage } from '../contract/progress.ts'
import type { splitRows } from '../data/index.ts'
import { compare } from '../data/labels.ts'
import type { AppContext } from './context.ts'
import { checkWanted, newTally, type OpenedSource, openSource, type SourceRow, type Tally } from './data-source.ts'
import { leftOut, versionDigest } from './data-store.ts'

/** What one whole pass over the rows of a source tells. */
export interface Survey {
  readonly tally: Tally
  /** Rows that are used: not blank, of a wanted class, not left out by an earlier step. */
  readonly used: number
  /** Used rows a class, classes in the order of their code units. */
  readonly classes: ReadonlyMap<string, number>
  /** Of all rows that were given, in order. */
  readonly digest: string
}

/** Rows between two chances for a cancellation to be heard: a few milliseconds. */
const SLICE = 1024

/** Goes over all rows once in bounded memory and hands each to `take`. Errors: as `OpenedSource.rows`, `data.label_unknown`. */
export async function survey(
  source: OpenedSource,
  input: DataSource,
  io: AppIo,
  { stage, take }: { stage: Stage; take?: (row: SourceRow) => void },
): Promise<Survey> {
  const tally = newTally()
  const classes = new Map<string, number>()
  const digest = versionDigest()
  let used = 0
  let given = 0
  for (const row of source.rows(tally, stage)) {
    if (++given % SLICE === 0) await breathe(io)
    digest.add(row)
    take?.(row)
    if (leftOut(source.stored, row)) continue
    used++
    if (row.label !== null) classes.set(row.label, (classes.get(row.label) ?? 0) + 1)
  }
  checkWanted(input, tally)
  return { tally, used, classes: sorted(classes), digest: digest.hex() }
}

/** Lets signals and messages in, so that a request to stop is heard while rows are read. */
async function breathe(io: AppIo): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  io.cancel.throwIfRequested()
}

export function sorted<T>(classes: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...classes].sort(([a], [b]) => compare(a, b)))
}

/** All rows of a source in memory. */
export interface Collected {
  readonly source: OpenedSource
  readonly rows: readonly SourceRow[]
  readonly seen: Survey
}

/** Opens a source and reads its rows; for steps that need all of them at once. */
export async function collect(context: AppContext, input: DataSource, io: AppIo): Promise<Collected> {
  const source = openSource(context, input, io)
  const rows: SourceRow[] = []
  const seen = await survey(source, input, io, { stage: 'import', take: (row) => rows.push(row) })
  return { source, rows, seen }
}

/** A row as the data steps take it. */
export type StepRow = Parameters<typeof splitRows>[0][number]

/** Rows for the data steps, which find back to ours by their id. */
export function stepRows({ source }: Pick<Collected, 'source'>, rows: readonly SourceRow[]): StepRow[] {
  const names = new Map(source.files.map(({ sha256, path }) => [sha256, path.replace(/^.*[\\/]/, '')]))
  return rows.map(({ id, fields, label, hash, group, parent, origin, source: place }) => {
    const sha256 = place?.fileHash ?? ''
    const file = names.get(sha256) ?? source.stored?.dataset.name ?? ''
    const from = { file, sha256, sheet: place?.sheet ?? null, line: place?.line ?? 0 }
    return { id, fields, label, weight: 1, hash, group, source: from, parent, origin, split: 'train' }
  })
}
