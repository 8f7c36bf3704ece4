import { AppError, sha256Stream } from '../kit/index.ts'
import type { Dataset, DatasetVersion, JsonObject, Reader, Tx } from '../store/index.ts'
import type { AppContext } from './context.ts'
import type { RoleColumns, TableFields } from './data-rule.ts'
import type { SourceFile, SourceRow } from './data-source.ts'

/** One version of a stored dataset, with what reading its rows needs. */
export interface StoredVersion {
  readonly dataset: Dataset
  readonly version: DatasetVersion
  /** Role → column, as the rows were understood; null where that is not recorded. */
  readonly columns: RoleColumns | null
  /** Columns in the order of the table. */
  readonly header: readonly string[]
  /** Files that the rows were read from. */
  readonly files: readonly SourceFile[]
  /** True once rows stand in splits; a row without one was then left out by a step. */
  readonly hasSplits: boolean
}

/** What a data step did: kept with its version, so that the step can be repeated. Its `data` is the recipe's. */
export type StepSettings = JsonObject & {
  readonly step: 'import' | 'split' | 'balance'
  readonly header: readonly string[]
}

/**
 * Finds a version: by its own id, or the newest of a dataset given by id or name (the project "default" first).
 * Errors: `data.dataset_unknown`.
 */
export function findVersion(context: AppContext, reference: string): StoredVersion {
  const reader = context.reader()
  const found = reader === null ? undefined : versionOf(reader, reference)
  if (reader === null || found === undefined) {
    throw new AppError('data.dataset_unknown', {
      dataset: reference,
      known: reader === null ? [] : knownDatasets(reader),
    })
  }
  const { dataset, version } = found
  const settings = version.recipeHash === null ? undefined : reader.recipes.byHash(version.recipeHash)?.recipe
  const columns = (settings?.data as { columns?: RoleColumns } | undefined)?.columns ?? null
  const header = Array.isArray(settings?.header) ? (settings.header as string[]) : columnsOfRows(reader, version.id)
  const hasSplits = reader.rows.counts(version.id).some(({ split }) => split !== null)
  return { dataset, version, columns, header, hasSplits, files: filesOf(reader, version.id) }
}

function versionOf(reader: Reader, reference: string): { dataset: Dataset; version: DatasetVersion } | undefined {
  const { datasets } = reader
  const exact = datasets.version(reference)
  const dataset =
    exact === undefined ? (datasets.byId(reference) ?? byName(reader, reference)) : datasets.byId(exact.datasetId)
  const version = exact ?? (dataset === undefined ? undefined : datasets.versions(dataset.id)[0])
  return dataset === undefined || version === undefined ? undefined : { dataset, version }
}

/** A name counts when it is that of one dataset only, or of one in the default project. */
function byName({ datasets, projects }: Reader, name: string): Dataset | undefined {
  const found = projects.list().flatMap((project) => {
    const dataset = datasets.byName(project.id, name)
    return dataset === undefined ? [] : [{ dataset, project: project.name }]
  })
  const chosen = found.find(({ project }) => project === DEFAULT_PROJECT) ?? (found.length === 1 ? found[0] : undefined)
  return chosen?.dataset
}

/** Where datasets go that no project was named for. */
export const DEFAULT_PROJECT = 'default'

function knownDatasets({ datasets, projects }: Reader): string[] {
  const all = projects.list().flatMap(({ id }) => datasets.list(id))
  return all.slice(0, 20).map(({ id, name }) => `${id} (${name})`)
}

function columnsOfRows({ rows }: Reader, versionId: string): string[] {
  const columns = new Set<string>()
  for (const { fields } of rows.stream(versionId)) for (const column of Object.keys(fields)) columns.add(column)
  return [...columns]
}

/** The files of a version as its audit entry names them; a derived version refers to the one it came from. */
function filesOf({ audit }: Reader, versionId: string): SourceFile[] {
  const seen = new Set<string>()
  for (let id: unknown = versionId; typeof id === 'string' && !seen.has(id); ) {
    seen.add(id)
    const [made] = audit.bySubject(id)
    if (Array.isArray(made?.detail.files)) return made.detail.files as SourceFile[]
    id = made?.detail.from
  }
  return []
}

/** All rows of a version in their order, those that a step left out included. */
export function* rowsOfVersion(context: AppContext, { version }: StoredVersion): Generator<SourceRow> {
  for (const row of context.reader()?.rows.stream(version.id) ?? []) {
    const { contentHash, fields, group, ...rest } = row
    yield { ...rest, hash: contentHash, group: group ?? contentHash, fields: fields as TableFields }
  }
}

/** True for a row that an earlier step took out of its split. */
export function leftOut(stored: StoredVersion | null, row: SourceRow): boolean {
  return stored?.hasSplits === true && row.split === null
}

/** True for a row that balancing repeated. */
export function isCopy({ parent, origin }: SourceRow): boolean {
  return parent !== null && origin === 'human'
}

/** Digest of all rows of a version: ids, splits, classes and every cell, in order. */
export function versionDigest(): { add(row: SourceRow): void; hex(): string } {
  const hash = sha256Stream()
  return {
    add: ({ id, split, label, fields }) => hash.update(`${JSON.stringify([id, split, label, fields])}\n`),
    hex: () => hash.hex(),
  }
}

export interface NewVersion {
  readonly datasetId: string
  readonly settings: StepSettings
  /** Of `versionDigest` over exactly these rows. */
  readonly digest: string
  readonly testHash: string | null
  readonly rows: Iterable<SourceRow>
}

/** Writes the next version of a dataset with its settings and rows; returns its id. */
export function addVersion(tx: Tx, { datasetId, settings, digest, testHash, rows }: NewVersion): string {
  const recipeHash = tx.recipes.add(settings)
  const id = tx.datasets.addVersion({ datasetId, recipeHash, contentHash: digest, testHash })
  tx.rows.add(
    id,
    (function* () {
      for (const { hash, addedAt, ...row } of rows) {
        yield { ...row, contentHash: hash, ...(addedAt === null ? {} : { addedAt }) }
      }
    })(),
  )
  return id
}
