import { expect, it } from 'vitest'
import { complaints, dump, fillData, fillRuns, oldSchema, upgrade } from '../../../tests/fault/store-old-schema.ts'

it('003 adds the audit trail and leaves awkward rows of schema 2 exactly as they were', () => {
  const db = oldSchema(2)
  fillData(db)
  fillRuns(db)
  const before = dump(db)
  expect(Object.values(before).flat().length).toBeGreaterThan(150)
  upgrade(db, 2, 3)
  expect(dump(db)).toEqual({ ...before, actors: [], audit: [] })
  expect(db.pragma('user_version', { simple: true })).toBe(3)
  expect(complaints(db)).toEqual([])
})
