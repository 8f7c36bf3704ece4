import { type Actor, actorSchema } from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { decode } from './values.ts'

export interface ActorReader {
  /** Everyone who ever changed something, in order of appearance. */
  list(): Actor[]
}

export function actorReader(session: Session): ActorReader {
  const list = session.query('actors', 'SELECT id, first_seen_at AS firstSeenAt FROM actors ORDER BY seq')
  const shape = { table: 'actors', schema: actorSchema }
  return { list: () => list.all().map((raw) => decode(session, shape, raw)) }
}

/** Enters an actor when it acts for the first time. */
export function actorRegister(session: Session, clock: Clock): (id: string) => void {
  const known = session.query('actors', 'SELECT seq FROM actors WHERE id = ?')
  const insert = session.command('actors', 'INSERT INTO actors (id, first_seen_at) VALUES (?, ?)')
  return (id) => {
    if (known.get([id]) === undefined) insert.run([id, clock.now()])
  }
}
