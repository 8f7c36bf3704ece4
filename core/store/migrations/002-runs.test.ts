import { expect, it } from 'vitest'
import { complaints, dump, fillData, fillRuns, oldSchema, upgrade } from '../../../tests/fault/store-old-schema.ts'

it('002 adds runs and results and leaves awkward rows of schema 1 exactly as they were', () => {
  const db = oldSchema(1)
  fillData(db)
  const before = dump(db)
  upgrade(db, 1, 2)
  const { sqlite_sequence: sequence, ...after } = dump(db)
  const { sqlite_sequence: oldSequence, ...old } = before
  expect(after).toMatchObject(old)
  expect(sequence).toEqual(oldSequence)
  const added = Object.keys(after).filter((name) => !(name in old))
  const tables = ['adapter_parents', 'adapters', 'evaluations', 'predictions', 'run_metrics', 'runs', 'test_splits']
  expect(added).toEqual(tables)
  expect(db.pragma('user_version', { simple: true })).toBe(2)
  fillRuns(db)
  expect(complaints(db)).toEqual([])
})
