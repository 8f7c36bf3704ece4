import {
  type Dataset,
  type DatasetVersion,
  datasetSchema,
  datasetVersionSchema,
  type NewDataset,
  type NewDatasetVersion,
} from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { checked, decode, decodeMaybe, idSource, type RecordShape, requireOne } from './values.ts'

const shape: RecordShape<Dataset> = { table: 'datasets', schema: datasetSchema }
const versionShape: RecordShape<DatasetVersion> = { table: 'dataset_versions', schema: datasetVersionSchema }
const columns = 'id, project_id AS projectId, name, created_at AS createdAt'
const versionColumns = `id, dataset_id AS datasetId, number, recipe_hash AS recipeHash, content_hash AS contentHash,
  test_hash AS testHash, row_count AS rowCount, created_at AS createdAt`

export interface DatasetReader {
  byId(id: string): Dataset | undefined
  byName(projectId: string, name: string): Dataset | undefined
  list(projectId: string): Dataset[]
  version(id: string): DatasetVersion | undefined
  /** Newest first. */
  versions(datasetId: string): DatasetVersion[]
}

export interface DatasetWriter extends DatasetReader {
  /** Returns the id (`dataset-3` unless given). */
  add(dataset: NewDataset): string
  /** Opens the next numbered version, to be filled with `tx.rows.add`; returns its id (`version-7` unless given). */
  addVersion(version: NewDatasetVersion): string
  /** Removes a dataset with all versions and rows; runs made from it stay and lose the reference. */
  remove(id: string): void
}

export function datasetReader(session: Session): DatasetReader {
  const byId = session.query('datasets', `SELECT ${columns} FROM datasets WHERE id = ?`)
  const byName = session.query('datasets', `SELECT ${columns} FROM datasets WHERE project_id = ? AND name = ?`)
  const list = session.query('datasets', `SELECT ${columns} FROM datasets WHERE project_id = ? ORDER BY seq DESC`)
  const version = session.query('dataset_versions', `SELECT ${versionColumns} FROM dataset_versions WHERE id = ?`)
  const versions = session.query(
    'dataset_versions',
    `SELECT ${versionColumns} FROM dataset_versions WHERE dataset_id = ? ORDER BY number DESC`,
  )
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    byName: (projectId, name) => decodeMaybe(session, shape, byName.get([projectId, name])),
    list: (projectId) => list.all([projectId]).map((raw) => decode(session, shape, raw)),
    version: (id) => decodeMaybe(session, versionShape, version.get([id])),
    versions: (datasetId) => versions.all([datasetId]).map((raw) => decode(session, versionShape, raw)),
  }
}

export function datasetWriter(session: Session, clock: Clock): DatasetWriter {
  const insert = session.command(
    'datasets',
    'INSERT INTO datasets (id, project_id, name, created_at) VALUES (?, ?, ?, ?)',
  )
  const insertVersion = session.command(
    'dataset_versions',
    `INSERT INTO dataset_versions (id, dataset_id, number, recipe_hash, content_hash, test_hash, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = session.command('datasets', 'DELETE FROM datasets WHERE id = ?')
  const reader = datasetReader(session)
  const nextId = idSource(session, 'datasets', 'dataset')
  const nextVersionId = idSource(session, 'dataset_versions', 'version')
  return {
    ...reader,
    add(dataset) {
      const d = checked('datasets', datasetSchema, { ...dataset, id: dataset.id ?? nextId(), createdAt: clock.now() })
      insert.run([d.id, d.projectId, d.name, d.createdAt])
      return d.id
    },
    addVersion(version) {
      const v = checked('dataset_versions', datasetVersionSchema, {
        recipeHash: null,
        testHash: null,
        ...version,
        id: version.id ?? nextVersionId(),
        number: (reader.versions(version.datasetId)[0]?.number ?? 0) + 1,
        rowCount: 0,
        createdAt: clock.now(),
      })
      insertVersion.run([v.id, v.datasetId, v.number, v.recipeHash, v.contentHash, v.testHash, v.createdAt])
      return v.id
    },
    remove: (id) => requireOne(remove.run([id]), 'datasets', id),
  }
}
