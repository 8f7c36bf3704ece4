import { basename, extname } from 'node:path'
import type { AirlockApp, DataProfile } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { ratioOf } from '../data/index.ts'
import { AppError, canonicalJson, sha256 } from '../kit/index.ts'
import type { Tx } from '../store/index.ts'
import type { AppContext } from './context.ts'
import { refuseTaken, tablePath, writeTables } from './data-files.ts'
import { newTally, type OpenedSource, openSource, type SourceRow } from './data-source.ts'
import { addVersion, DEFAULT_PROJECT, findVersion, leftOut, rowsOfVersion, type StepSettings } from './data-store.ts'
import { type Survey, survey } from './data-survey.ts'

export { dataBalance } from './data-balance.ts'
export { dataSplit } from './data-split.ts'

type Input<Name extends 'dataImport' | 'dataProfile' | 'dataExport'> = Parameters<AirlockApp[Name]>[0]

/** Rows, classes and problems of files or of a stored dataset; nothing is changed. Errors: `data.*`. */
export async function dataProfile(context: AppContext, input: Input<'dataProfile'>, io: AppIo): Promise<DataProfile> {
  const source = openSource(context, input, io)
  const seen = await survey(source, input, io, { stage: 'check' })
  const { stored } = source
  return profileOf(source, seen, { dataset: stored?.dataset.id ?? null, version: stored?.version.id ?? null })
}

function profileOf(
  { header, files }: OpenedSource,
  { tally, classes }: Survey,
  ids: Pick<DataProfile, 'dataset' | 'version'>,
): DataProfile {
  return {
    ...ids,
    rows: tally.read,
    columns: [...header],
    classes: Object.fromEntries(classes),
    ratio: ratioOf(classes.values()),
    empty: tally.empty,
    otherClasses: tally.otherClasses,
    duplicates: tally.duplicates,
    files: files.map(({ path, format, encoding, delimiter, rows }) => ({ path, format, encoding, delimiter, rows })),
  }
}

/**
 * Imports tables as the next version of a dataset, every row with its file's digest and line, in one transaction. Blank
 * rows are left out and counted; duplicates are counted and kept. Files are read twice, so that memory stays bounded:
 * once to know them, once to store them. The same rows again make no new version.
 * Errors: those of the table readers, `data.all_empty`, `data.label_unknown`, `store.*`; nothing is changed then.
 */
export async function dataImport(context: AppContext, input: Input<'dataImport'>, io: AppIo): Promise<DataProfile> {
  const source = openSource(context, { ...input, dataset: null }, io)
  const seen = await survey(source, input, io, { stage: 'check' })
  const { header, rule, files } = source
  if (seen.used === 0) {
    const names = files.map(({ path }) => basename(path))
    throw new AppError('data.all_empty', { file: names, rows: seen.tally.read, columns: Object.values(rule.columns) })
  }
  const settings: StepSettings = { step: 'import', header, data: { columns: rule.columns, labels: input.labels } }
  const name = input.name ?? basename(input.files[0], extname(input.files[0]))
  const ids = context.store().write((tx) => {
    const project = projectOf(tx, input.project ?? DEFAULT_PROJECT)
    const dataset = tx.datasets.byName(project, name)?.id ?? tx.datasets.add({ projectId: project, name })
    const [latest] = tx.datasets.versions(dataset)
    if (latest?.contentHash === seen.digest && latest.recipeHash === sha256(canonicalJson(settings))) {
      return { dataset, version: latest.id }
    }
    const rows = source.rows(newTally(), 'import')
    const version = addVersion(tx, { datasetId: dataset, settings, digest: seen.digest, testHash: null, rows })
    const facts = files.map((file) => ({ ...file }))
    tx.audit({ action: 'data.import', subject: version, detail: { dataset, name, rows: seen.used, files: facts } })
    return { dataset, version }
  })
  return profileOf(source, seen, ids)
}

function projectOf(tx: Tx, name: string): string {
  return tx.projects.byName(name)?.id ?? tx.projects.add({ name })
}

/**
 * Writes a stored dataset as CSV with the columns it was imported with: one file, or one a split (`NAME-train.csv`) once
 * it is split. Rows that a step left out are not written. Errors: `data.dataset_unknown`, `data.target_exists`.
 */
export async function dataExport(
  context: AppContext,
  { dataset: reference, to }: Input<'dataExport'>,
  io: AppIo,
): Promise<{ rows: number; files: string[] }> {
  const stored = findVersion(context, reference)
  const { dataset, version, header } = stored
  const parts = stored.hasSplits ? (['train', 'validation', 'test'] as const) : ([null] as const)
  const present = new Set(
    context
      .reader()
      ?.rows.counts(version.id)
      .map(({ split }) => split),
  )
  const tables = parts
    .filter((split) => present.has(split))
    .map((split) => ({
      path: tablePath(to, split, dataset.name),
      columns: header,
      rows: fieldsOf(rowsOfVersion(context, stored), (row) => !leftOut(stored, row) && row.split === split),
    }))
  const files = tables.map(({ path }) => path)
  refuseTaken(files)
  const store = context.store()
  const rows = writeTables(tables, io)
  store.write((tx) =>
    tx.audit({ action: 'data.export', subject: version.id, detail: { dataset: dataset.id, rows, files } }),
  )
  return { rows, files }
}

function* fieldsOf(rows: Iterable<SourceRow>, wanted: (row: SourceRow) => boolean): Generator<SourceRow['fields']> {
  for (const row of rows) if (wanted(row)) yield row.fields
}
