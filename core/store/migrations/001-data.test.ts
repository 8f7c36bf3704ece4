import { expect, it } from 'vitest'
import { AWKWARD_TEXTS, complaints, dump, fillData, oldSchema, upgrade } from '../../../tests/fault/store-old-schema.ts'
import { rowReader } from '../rows.ts'
import { openSession } from '../session.ts'

it('001 makes an empty database hold awkward rows exactly', () => {
  const db = oldSchema(0)
  expect(dump(db)).toEqual({})
  upgrade(db, 0, 1)
  fillData(db)
  expect(db.pragma('user_version', { simple: true })).toBe(1)
  const names = db.prepare<[], string>('SELECT name FROM projects ORDER BY seq').pluck().all()
  expect(names).toEqual(AWKWARD_TEXTS)
  const rows = [...rowReader(openSession(db, 'memory')).stream('v1', { pageSize: 4 })]
  expect(rows.map((r) => r.fields.text)).toEqual(AWKWARD_TEXTS)
  expect(complaints(db)).toEqual([])
})

it('001 refuses what the types and references forbid', () => {
  const db = oldSchema(1)
  fillData(db)
  const add = (sql: string) => () => db.exec(sql)
  expect(add(`INSERT INTO projects (id, name, created_at) VALUES ('x', 'y', 'soon')`)).toThrow(/cannot store TEXT/)
  expect(add(`INSERT INTO projects (id, name, created_at) VALUES ('', 'y', 1)`)).toThrow(/CHECK/)
  expect(add(`INSERT INTO datasets (id, project_id, name, created_at) VALUES ('x', 'none', 'n', 1)`)).toThrow(/FOREIGN/)
  expect(add(`INSERT INTO datasets (id, project_id, name, created_at) VALUES ('x', 'p1', ' ', 1)`)).toThrow(/UNIQUE/)
  expect(
    add(`INSERT INTO rows SELECT 5, version_seq, 'r1', content_hash, NULL, NULL, NULL, NULL, NULL, NULL, origin,
    NULL, fields, 1 FROM rows WHERE seq = 1000`),
  ).toThrow(/UNIQUE constraint failed: rows.version_seq, rows.id/)
  expect(add(`DELETE FROM projects WHERE id = 'p0'`)).toThrow(/FOREIGN/)
})
