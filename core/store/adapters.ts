import { type Adapter, adapterSchema, type NewAdapter } from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { canonicalText, checked, decode, decodeMaybe, idSource, type RecordShape, requireOne } from './values.ts'

const shape: RecordShape<Adapter> = {
  table: 'adapters',
  schema: adapterSchema,
  json: ['parents', 'baseFingerprint'],
  flags: ['imported'],
}
const columns = `id, name, run_id AS runId, path, base_fingerprint AS baseFingerprint, sha256, imported, signer, verdict,
  (SELECT json_group_array(parent_id ORDER BY position) FROM adapter_parents WHERE adapter_id = adapters.id) AS parents,
  added_at AS addedAt`

export interface AdapterReader {
  byId(id: string): Adapter | undefined
  /** Adapters whose weights have this digest. */
  bySha256(sha256: string): Adapter[]
  /** Newest first. */
  list(filter?: { runId?: string }): Adapter[]
  /** Adapters that started from this one. */
  children(id: string): Adapter[]
}

export interface AdapterWriter extends AdapterReader {
  /** Returns the id (`adapter-5` unless given). Parents may be unknown here: they may live on another machine. */
  add(adapter: NewAdapter): string
  /** Notes the outcome of a signature check. */
  setVerdict(id: string, verdict: string, signer?: string): void
  /** Forgets the registration, never the files; evaluations of it stay. */
  remove(id: string): void
}

export function adapterReader(session: Session): AdapterReader {
  const select = (rest: string) => session.query('adapters', `SELECT ${columns} FROM adapters ${rest}`)
  const byId = select('WHERE id = ?')
  const bySha256 = select('WHERE sha256 = ? ORDER BY seq DESC')
  const list = select('WHERE @run IS NULL OR run_id = @run ORDER BY seq DESC')
  const children = select('WHERE id IN (SELECT adapter_id FROM adapter_parents WHERE parent_id = ?) ORDER BY seq DESC')
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    bySha256: (sha256) => bySha256.all([sha256]).map((raw) => decode(session, shape, raw)),
    list: ({ runId } = {}) => list.all({ run: runId ?? null }).map((raw) => decode(session, shape, raw)),
    children: (id) => children.all([id]).map((raw) => decode(session, shape, raw)),
  }
}

export function adapterWriter(session: Session, clock: Clock): AdapterWriter {
  const insert = session.command(
    'adapters',
    `INSERT INTO adapters (id, name, run_id, path, base_fingerprint, sha256, imported, signer, verdict, added_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertParent = session.command(
    'adapter_parents',
    'INSERT INTO adapter_parents (adapter_id, position, parent_id) VALUES (?, ?, ?)',
  )
  const setVerdict = session.command(
    'adapters',
    'UPDATE adapters SET verdict = ?, signer = coalesce(?, signer) WHERE id = ?',
  )
  const remove = session.command('adapters', 'DELETE FROM adapters WHERE id = ?')
  const nextId = idSource(session, 'adapters', 'adapter')
  return {
    ...adapterReader(session),
    add(adapter) {
      const defaults = { runId: null, parents: [], signer: null, verdict: null }
      const given = { ...defaults, ...adapter, id: adapter.id ?? nextId(), addedAt: clock.now() }
      const a = checked('adapters', adapterSchema, given)
      const fingerprint = canonicalText('adapters', 'baseFingerprint', a.baseFingerprint)
      const proof = [a.sha256, a.imported ? 1 : 0, a.signer, a.verdict, a.addedAt]
      insert.run([a.id, a.name, a.runId, a.path, fingerprint, ...proof])
      for (const [position, parent] of a.parents.entries()) insertParent.run([a.id, position, parent])
      return a.id
    },
    setVerdict(id, verdict, signer) {
      const { shape: s } = adapterSchema
      const given = [checked('adapters', s.verdict, verdict), checked('adapters', s.signer, signer ?? null)]
      requireOne(setVerdict.run([...given, id]), 'adapters', id)
    },
    remove: (id) => requireOne(remove.run([id]), 'adapters', id),
  }
}
