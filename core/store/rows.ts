import {
  type ClassCount,
  classCountSchema,
  type DataRow,
  dataRowSchema,
  type NewDataRow,
  type Split,
} from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { RawRow, Session } from './session.ts'
import { checked, decode, jsonText, keyLookup, type RecordShape } from './values.ts'

const shape: RecordShape<DataRow> = { table: 'rows', schema: dataRowSchema, json: ['fields'] }
const countShape: RecordShape<ClassCount> = { table: 'rows', schema: classCountSchema }
const columns = `id, content_hash AS contentHash,
  (SELECT hash FROM source_files WHERE seq = rows.source_seq) AS sourceFileHash, source_sheet AS sourceSheet,
  source_line AS sourceLine, parent_id AS parent, group_id AS "group", split, origin, label, fields, added_at AS addedAt`

export interface RowFilter {
  split?: Split
  label?: string
}

export interface RowPage {
  readonly rows: DataRow[]
  /** Pass as `after` for the next page; undefined when this was the last. */
  readonly next: number | undefined
}

export interface RowReader {
  byId(versionId: string, rowId: string): DataRow | undefined
  /** Rows of a version in the order they were added, at most `limit` (1,000 unless given). */
  page(versionId: string, options?: RowFilter & { after?: number; limit?: number }): RowPage
  /** All rows, one page in memory at a time. */
  stream(versionId: string, options?: RowFilter & { pageSize?: number }): Generator<DataRow>
  /** Rows per split and label, nulls included. */
  counts(versionId: string): ClassCount[]
}

export interface RowWriter extends RowReader {
  /** Appends rows to a version and returns how many. Throws `store.exists` for an id already in the version. */
  add(versionId: string, rows: Iterable<NewDataRow>): number
}

export function rowReader(session: Session): RowReader {
  const keyOf = keyLookup(session, 'dataset_versions')
  const byId = session.query('rows', `SELECT ${columns} FROM rows WHERE version_seq = ? AND id = ?`)
  const page = session.query(
    'rows',
    `SELECT seq, ${columns} FROM rows
     WHERE version_seq = @version AND seq > @after
       AND (@split IS NULL OR split = @split) AND (@label IS NULL OR label = @label)
     ORDER BY seq LIMIT @limit`,
  )
  const counts = session.query(
    'rows',
    `SELECT split, label, count(*) AS rows FROM rows WHERE version_seq = ? GROUP BY split, label ORDER BY split, label`,
  )
  const reader: RowReader = {
    byId(versionId, rowId) {
      const raw = byId.get([keyOf(versionId), rowId])
      return raw === undefined ? undefined : toRow(session, raw)
    },
    page(versionId, { after = 0, limit = 1000, split, label } = {}) {
      const filter = { split: split ?? null, label: label ?? null }
      const found = page.all({ version: keyOf(versionId), after, limit, ...filter })
      const last = found.length < limit ? undefined : (found.at(-1)?.seq as number | undefined)
      return { rows: found.map(({ seq: _, ...raw }) => toRow(session, raw)), next: last }
    },
    *stream(versionId, { pageSize = 1000, ...filter } = {}) {
      let after: number | undefined = 0
      while (after !== undefined) {
        const found: RowPage = reader.page(versionId, { ...filter, after, limit: pageSize })
        yield* found.rows
        after = found.next
      }
    },
    counts: (versionId) => counts.all([keyOf(versionId)]).map((raw) => decode(session, countShape, raw)),
  }
  return reader
}

function toRow(session: Session, raw: RawRow): DataRow {
  const { sourceFileHash, sourceSheet, sourceLine, ...rest } = raw
  const source = sourceFileHash === null ? null : { fileHash: sourceFileHash, sheet: sourceSheet, line: sourceLine }
  return decode(session, shape, { ...rest, source })
}

export function rowWriter(session: Session, clock: Clock): RowWriter {
  const keyOf = keyLookup(session, 'dataset_versions')
  const insert = session.command(
    'rows',
    `INSERT INTO rows (version_seq, id, content_hash, source_seq, source_sheet, source_line, parent_id,
       group_id, split, origin, label, fields, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const batchSources = sourceKeys(session)
  const count = session.command(
    'dataset_versions',
    'UPDATE dataset_versions SET row_count = row_count + ? WHERE seq = ?',
  )
  return {
    ...rowReader(session),
    add(versionId, rows) {
      const version = keyOf(versionId)
      const defaults = { source: null, parent: null, group: null, split: null, label: null, addedAt: clock.now() }
      const sourceKey = batchSources()
      let added = 0
      for (const row of rows) {
        const r = checked('rows', dataRowSchema, { ...defaults, ...row })
        const source = r.source === null ? noSource : [sourceKey(r.source.fileHash), r.source.sheet, r.source.line]
        const fields = jsonText('rows', 'fields', r.fields)
        const lineage = [r.parent, r.group, r.split, r.origin, r.label]
        insert.run([version, r.id, r.contentHash, ...source, ...lineage, fields, r.addedAt])
        added++
      }
      count.run([added, version])
      return added
    },
  }
}

const noSource = [null, null, null] as const

/** Files are few and rows many: a row keeps a small number instead of its file's digest. One memory per batch. */
function sourceKeys(session: Session): () => (hash: string) => number {
  const find = session.query('source_files', 'SELECT seq FROM source_files WHERE hash = ?')
  const insert = session.command('source_files', 'INSERT INTO source_files (hash) VALUES (?) ON CONFLICT DO NOTHING')
  return () => {
    const known = new Map<string, number>()
    return (hash) => {
      const key = known.get(hash)
      if (key !== undefined) return key
      insert.run([hash])
      const added = find.get([hash])?.seq as number
      known.set(hash, added)
      return added
    }
  }
}
