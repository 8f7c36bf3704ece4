import { type NewProject, type Project, projectSchema } from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { checked, decode, decodeMaybe, idSource, type RecordShape, requireOne } from './values.ts'

const shape: RecordShape<Project> = { table: 'projects', schema: projectSchema }
const columns = 'id, name, created_at AS createdAt'

export interface ProjectReader {
  byId(id: string): Project | undefined
  byName(name: string): Project | undefined
  /** Newest first. */
  list(): Project[]
}

export interface ProjectWriter extends ProjectReader {
  /** Returns the id (`project-3` unless given). Throws `store.exists` for a name that is taken. */
  add(project: NewProject): string
  rename(id: string, name: string): void
}

export function projectReader(session: Session): ProjectReader {
  const byId = session.query('projects', `SELECT ${columns} FROM projects WHERE id = ?`)
  const byName = session.query('projects', `SELECT ${columns} FROM projects WHERE name = ?`)
  const list = session.query('projects', `SELECT ${columns} FROM projects ORDER BY seq DESC`)
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    byName: (name) => decodeMaybe(session, shape, byName.get([name])),
    list: () => list.all().map((raw) => decode(session, shape, raw)),
  }
}

export function projectWriter(session: Session, clock: Clock): ProjectWriter {
  const insert = session.command('projects', 'INSERT INTO projects (id, name, created_at) VALUES (?, ?, ?)')
  const rename = session.command('projects', 'UPDATE projects SET name = ? WHERE id = ?')
  const nextId = idSource(session, 'projects', 'project')
  return {
    ...projectReader(session),
    add(project) {
      const p = checked('projects', projectSchema, { ...project, id: project.id ?? nextId(), createdAt: clock.now() })
      insert.run([p.id, p.name, p.createdAt])
      return p.id
    },
    rename(id, name) {
      requireOne(rename.run([checked('projects', projectSchema.shape.name, name), id]), 'projects', id)
    },
  }
}
