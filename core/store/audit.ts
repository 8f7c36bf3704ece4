import { type AuditEntry, auditEntrySchema, type NewAuditEntry } from '../contract/domain/store.ts'
import { type Clock, canonicalJson, sha256 } from '../kit/index.ts'
import { actorRegister } from './actors.ts'
import type { RawRow, Session } from './session.ts'
import { canonicalText, checked, decode, decodeMaybe, type RecordShape } from './values.ts'

/** Previous hash of the first entry. */
const ORIGIN = '0'.repeat(64)
const shape: RecordShape<AuditEntry> = { table: 'audit', schema: auditEntrySchema, json: ['detail'] }
const columns = 'seq, at, actor, action, subject, detail, previous_hash AS previousHash, hash'
const linkSchema = auditEntrySchema.omit({ seq: true, hash: true, previousHash: true })

/** A place in the chain: whoever keeps one outside the store (a signed bundle, a report) can prove a later cut. */
export interface AuditHead {
  readonly seq: number
  readonly hash: string
}

/** `seq` names the first entry that does not hold; `entries` counts those before it. */
export type AuditVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: AuditHead }
  | { readonly ok: false; readonly entries: number; readonly seq: number; readonly reason: AuditBreak }

/** empty: no entry at all · gap: a number is missing or doubled · link: does not continue its predecessor · content: was changed · anchor: differs from a head known from outside, or ends before it. */
export type AuditBreak = 'empty' | 'gap' | 'link' | 'content' | 'anchor'

export interface AuditReader {
  head(): AuditHead | undefined
  /** Entries after `after` in order, at most `limit`. */
  page(options?: { after?: number; limit?: number }): AuditEntry[]
  bySubject(subject: string): AuditEntry[]
}

export function auditReader(session: Session): AuditReader {
  const head = session.query('audit', 'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
  const page = session.query('audit', `SELECT ${columns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`)
  const bySubject = session.query('audit', `SELECT ${columns} FROM audit WHERE subject = ? ORDER BY seq`)
  const headShape = { table: 'audit', schema: auditEntrySchema.pick({ seq: true, hash: true }) }
  return {
    head: () => decodeMaybe(session, headShape, head.get()),
    page: ({ after = 0, limit = 1000 } = {}) => page.all([after, limit]).map((raw) => decode(session, shape, raw)),
    bySubject: (subject) => bySubject.all([subject]).map((raw) => decode(session, shape, raw)),
  }
}

/** Appends the next link: hash = SHA-256 over the canonical JSON of everything else in the entry. */
export function auditAppender(session: Session, options: { actor: string; clock: Clock }) {
  const { actor, clock } = options
  const { head } = auditReader(session)
  const see = actorRegister(session, clock)
  const insert = session.command(
    'audit',
    `INSERT INTO audit (seq, at, actor, action, subject, detail, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (entry: NewAuditEntry): AuditHead => {
    const given = { at: clock.now(), actor, ...entry, detail: entry.detail ?? {} }
    const { at, action, subject, detail } = checked('audit', linkSchema, given)
    const last = head()
    const link = { seq: (last?.seq ?? 0) + 1, previousHash: last?.hash ?? ORIGIN }
    const detailText = canonicalText('audit', 'detail', detail)
    const hash = linkHash({ ...link, at, actor, action, subject, detail: detailText })
    see(actor)
    insert.run([link.seq, at, actor, action, subject, detailText, link.previousHash, hash])
    return { seq: link.seq, hash }
  }
}

type HashedPart = Omit<AuditEntry, 'hash' | 'detail'> & { detail: string }

/** `detail` is canonical text already, so the digest covers its exact bytes as a JSON member. */
function linkHash({ detail, ...rest }: HashedPart): string {
  return sha256(canonicalJson({ ...rest, detail: JSON.parse(detail) }))
}

/**
 * Walks the whole chain in one read. Finds any change, removal, insertion or exchange of entries; a cut at the end is
 * only visible against `anchors`, heads that were kept outside this database.
 */
export function verifyAudit(session: Session, anchors: readonly AuditHead[] = []): AuditVerdict {
  const expected = new Map(anchors.map((anchor) => [anchor.seq, anchor.hash]))
  const furthest = Math.max(0, ...expected.keys())
  const all = session.query('audit', `SELECT ${columns} FROM audit ORDER BY seq`)
  let head: AuditHead = { seq: 0, hash: ORIGIN }
  for (const raw of all.each()) {
    const reason = breakOf(raw, head) ?? (anchorHolds(raw, expected) ? undefined : 'anchor')
    if (reason !== undefined) return { ok: false, entries: head.seq, seq: head.seq + 1, reason }
    head = { seq: raw.seq as number, hash: raw.hash as string }
  }
  if (head.seq === 0) return { ok: false, entries: 0, seq: 1, reason: 'empty' }
  if (head.seq < furthest) return { ok: false, entries: head.seq, seq: head.seq + 1, reason: 'anchor' }
  return { ok: true, entries: head.seq, head }
}

function anchorHolds(raw: RawRow, expected: ReadonlyMap<number, string>): boolean {
  const hash = expected.get(raw.seq as number)
  return hash === undefined || hash === raw.hash
}

function breakOf(raw: RawRow, head: AuditHead): AuditBreak | undefined {
  if (raw.seq !== head.seq + 1) return 'gap'
  if (raw.previousHash !== head.hash) return 'link'
  const { hash, ...rest } = raw
  return sealedBy(rest as HashedPart, hash) ? undefined : 'content'
}

/** The text of `detail` must be the canonical one: the same JSON written another way is a change too. */
function sealedBy(part: HashedPart, hash: unknown): boolean {
  try {
    return canonicalJson(JSON.parse(part.detail)) === part.detail && linkHash(part) === hash
  } catch {
    return false // not JSON any more
  }
}
