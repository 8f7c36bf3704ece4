import Database from 'better-sqlite3'
import { applyMigrations } from '../../core/store/migrate.ts'
import { migrations } from '../../core/store/migrations/index.ts'

export type Connection = InstanceType<typeof Database>

const hex = (n: number): string => n.toString(16).padStart(64, '0')

/** Texts that careless code breaks: empty, NUL, quotes, bidi, 4-byte characters, big, JSON-like, placeholder-like. */
export const AWKWARD_TEXTS = [
  '',
  ' ',
  'NUL \u0000 inside',
  `'; DROP TABLE rows; --"`,
  '\u202eنص\u202c',
  '🏥内科𠮷',
  'x'.repeat(1_000_000),
  'null',
  '{"a":1}',
  '?1 @name :x $y %s',
  '\ufeffBOM',
  'line\r\nend\t',
  '007',
  '1e3',
  'NaN',
]

/** A database in memory at schema `version`. */
export function oldSchema(version: number): Connection {
  const db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  upgrade(db, 0, version)
  return db
}

export function upgrade(db: Connection, from: number, to: number): void {
  db.transaction(() => applyMigrations(db, migrations.slice(from, to)))()
}

/** Fills the tables of schema 1. */
export function fillData(db: Connection): void {
  const project = db.prepare('INSERT INTO projects (id, name, created_at) VALUES (?, ?, ?)')
  const model = db.prepare(
    `INSERT INTO models (id, name, path, kind, fingerprint, parameters, size_bytes, licence, added_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const dataset = db.prepare('INSERT INTO datasets (id, project_id, name, created_at) VALUES (?, ?, ?, ?)')
  const recipe = db.prepare('INSERT INTO recipes VALUES (?, ?, ?)')
  AWKWARD_TEXTS.forEach((text, i) => {
    const json = JSON.stringify({ [text.slice(0, 9)]: text.slice(0, 99), __proto__x: [null, 1.5e300, -0.1] })
    project.run(`p${i}`, text, i === 0 ? 0 : Number.MAX_SAFE_INTEGER - i)
    model.run(`m${i}`, text, text, i % 2 ? 'gguf' : 'folder', json, i, Number.MAX_SAFE_INTEGER, i % 3 ? text : null, i)
    dataset.run(`d${i}`, `p${i}`, text, -i)
    recipe.run(hex(i), json, i)
  })
  db.exec(`DELETE FROM models WHERE id = 'm14'`) // leaves a gap behind the highest number given away
  const version = db.prepare(
    `INSERT INTO dataset_versions (id, dataset_id, number, recipe_hash, content_hash, test_hash, row_count, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  version.run('v1', 'd0', 1, null, hex(1), null, AWKWARD_TEXTS.length, 1)
  version.run('v2', 'd0', 7, hex(3), hex(2), hex(3), 0, 2)
  db.prepare('INSERT INTO source_files VALUES (?, ?)').run(2 ** 40, hex(5))
  const row = db.prepare('INSERT INTO rows VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  AWKWARD_TEXTS.forEach((text, i) => {
    const source = i % 2 ? [2 ** 40, i % 4 ? text : null, i] : [null, null, null]
    const split = [null, 'train', 'validation', 'test'][i % 4]
    const origin = ['human', 'augmented', 'rated'][i % 3]
    const lineage = [i ? `r${i - 1}` : null, i % 2 ? text : null, split, origin, i % 5 ? text : null]
    row.run((i + 1) * 1000, `r${i}`, hex(i), ...source, ...lineage, JSON.stringify({ text }), i)
  })
}

/** Fills the tables that schema 2 added, on top of `fillData`. */
export function fillRuns(db: Connection): void {
  const run = db.prepare(
    `INSERT INTO runs (id, project_id, recipe_hash, model_id, version_id, state, job_folder, plan, plan_hash, queued_at,
       started_at, ended_at, summary, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const states = ['queued', 'running', 'interrupted', 'done', 'failed', 'cancelled']
  AWKWARD_TEXTS.forEach((text, i) => {
    const plan = i % 2 ? [JSON.stringify({ text }), hex(i)] : [null, null]
    const json = i % 3 ? JSON.stringify([text]) : null
    const refs = [`p${i}`, hex(i), i % 4 && i < 14 ? `m${i}` : null, i % 5 ? 'v1' : null]
    run.run(`run${i}`, ...refs, states[i % 6], text, ...plan, i, i % 2 ? i : null, null, json, json)
  })
  const metric = db.prepare('INSERT INTO run_metrics VALUES (1, ?, ?, ?, ?, ?, ?)')
  for (const [i, x] of [0, -0.5, 5e-324, 1.7976931348623157e308, 0.1 + 0.2].entries()) metric.run(i, x, x, x, i, x)
  const adapter = db.prepare(
    `INSERT INTO adapters (id, name, run_id, path, base_fingerprint, sha256, imported, signer, verdict, added_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const evaluation = db.prepare(
    `INSERT INTO evaluations (id, project_id, run_id, adapter_id, split_hash, verdict, result, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  AWKWARD_TEXTS.forEach((text, i) => {
    const foreign = i % 2 === 1
    adapter.run(
      `a${i}`,
      text,
      foreign ? null : `run${i}`,
      text,
      '{}',
      hex(i),
      foreign ? 1 : 0,
      text,
      foreign ? text : null,
      i,
    )
    db.prepare('INSERT INTO adapter_parents VALUES (?, ?, ?)').run(`a${i}`, i, text)
    evaluation.run(
      `e${i}`,
      `p${i}`,
      foreign ? `run${i}` : null,
      foreign ? null : `a${i}`,
      hex(i),
      i % 2,
      '{"f1":0.5}',
      i,
    )
    db.prepare('INSERT INTO predictions VALUES (NULL, 1, ?, ?, ?, ?, ?)').run(
      `r${i}`,
      i % 2 ? 'base' : 'tuned',
      text,
      null,
      '[]',
    )
  })
  db.prepare('INSERT INTO test_splits VALUES (?, ?, ?, ?)').run(hex(1), Number.MAX_SAFE_INTEGER, 0, 1)
}

/** Every row of every table as text, in key order, with the types SQLite stored. */
export function dump(db: Connection): Record<string, string[]> {
  const names = db
    .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .all()
  return Object.fromEntries(
    names.map(({ name }) => {
      const columns = (db.pragma(`table_info(${name})`) as { name: string }[]).map((c) => c.name)
      const cells = columns.map((c) => `typeof("${c}") || ':' || coalesce(hex("${c}"), '')`).join(` || ',' || `)
      return [name, db.prepare<[], string>(`SELECT ${cells} FROM ${name} ORDER BY 1`).pluck().all()]
    }),
  )
}

/** What SQLite finds wrong with pages, indexes and references. */
export function complaints(db: Connection): unknown[] {
  const pages = db.pragma('integrity_check') as { integrity_check: string }[]
  return [...pages.filter((p) => p.integrity_check !== 'ok'), ...(db.pragma('foreign_key_check') as unknown[])]
}
