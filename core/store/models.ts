import { type Model, modelSchema, type NewModel } from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { canonicalText, checked, decode, decodeMaybe, type RecordShape, requireOne } from './values.ts'

const shape: RecordShape<Model> = { table: 'models', schema: modelSchema, json: ['fingerprint'] }
const columns = 'id, name, path, kind, fingerprint, parameters, size_bytes AS sizeBytes, licence, added_at AS addedAt'

export interface ModelReader {
  byId(id: string): Model | undefined
  /** Newest first. */
  list(): Model[]
}

export interface ModelWriter extends ModelReader {
  /** Registers a base model under the caller's id. Throws `store.exists` for an id that is taken. */
  add(model: NewModel): string
  /** Notes that the model's files moved. */
  setPath(id: string, path: string): void
  /** Forgets the registration, never the files. Throws `store.still_used` while runs refer to it. */
  remove(id: string): void
}

export function modelReader(session: Session): ModelReader {
  const byId = session.query('models', `SELECT ${columns} FROM models WHERE id = ?`)
  const list = session.query('models', `SELECT ${columns} FROM models ORDER BY seq DESC`)
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    list: () => list.all().map((raw) => decode(session, shape, raw)),
  }
}

export function modelWriter(session: Session, clock: Clock): ModelWriter {
  const insert = session.command(
    'models',
    `INSERT INTO models (id, name, path, kind, fingerprint, parameters, size_bytes, licence, added_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const setPath = session.command('models', 'UPDATE models SET path = ? WHERE id = ?')
  const remove = session.command('models', 'DELETE FROM models WHERE id = ?')
  return {
    ...modelReader(session),
    add(model) {
      const m = checked('models', modelSchema, { ...model, addedAt: clock.now() })
      const fingerprint = canonicalText('models', 'fingerprint', m.fingerprint)
      insert.run([m.id, m.name, m.path, m.kind, fingerprint, m.parameters, m.sizeBytes, m.licence, m.addedAt])
      return m.id
    },
    setPath(id, path) {
      requireOne(setPath.run([checked('models', modelSchema.shape.path, path), id]), 'models', id)
    },
    remove: (id) => requireOne(remove.run([id]), 'models', id),
  }
}
