import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { freshStore, repetitions, temporaryFolder } from '../../tests/fault/store-support.ts'
import { type RandomStream, randomStream } from '../kit/index.ts'
import { type AuditBreak, verifyAudit } from './audit.ts'
import { openStore, STORE_FILE } from './index.ts'
import { openSession } from './session.ts'

type Connection = InstanceType<typeof Database>
interface Entry {
  seq: number
  at: number
  actor: string
  action: string
  subject: string
  detail: string
  previous_hash: string
  hash: string
}

/** The digest written out by hand: keys in order, no code of the product. */
function independentHash(e: Omit<Entry, 'hash'>): string {
  const j = JSON.stringify
  const text = `{"action":${j(e.action)},"actor":${j(e.actor)},"at":${e.at},"detail":${e.detail},"previousHash":${j(e.previous_hash)},"seq":${e.seq},"subject":${j(e.subject)}}`
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

const readAll = (db: Connection): Entry[] => db.prepare<[], Entry>('SELECT * FROM audit ORDER BY seq').all()

/** A closed store with `count` entries of several actors, and its folder. */
function trail(count: number): string {
  const folder = temporaryFolder()
  for (const actor of ['anna', '王医生']) {
    const store = openStore(folder, { actor })
    for (let i = 0; i < count / 2; i++) {
      const detail = { rows: i, list: [1.5, null, i % 2 === 0], 备注: `第 ${i} 次 "引号" \\ \u0000`, empty: {} }
      store.write((tx) => tx.audit({ action: 'rows.add', subject: `version-${i % 7}`, detail }))
    }
    store.close()
  }
  return folder
}

describe('the audit trail', () => {
  it('hashes each entry over everything else in it, chained from zero', () => {
    const db = new Database(join(trail(20), STORE_FILE))
    const entries = readAll(db)
    expect(entries).toHaveLength(21)
    let previous = '0'.repeat(64)
    entries.forEach((entry, i) => {
      expect(entry.seq).toBe(i + 1)
      expect(entry.previous_hash).toBe(previous)
      expect(entry.hash).toBe(independentHash(entry))
      previous = entry.hash
    })
    db.close()
  })

  it('forbids update, delete, replacement and stray insertion', () => {
    const db = new Database(join(trail(4), STORE_FILE))
    db.pragma('foreign_keys = OFF')
    const values = `5, 'a', 'b', 'c', '{}', printf('%064d', 0), printf('%064d', 0)`
    for (const sql of [
      `UPDATE audit SET actor = 'x' WHERE seq = 2`,
      'UPDATE audit SET seq = seq + 10',
      'DELETE FROM audit WHERE seq = 5',
      'DELETE FROM audit',
      `INSERT OR REPLACE INTO audit VALUES (2, ${values})`,
      `INSERT INTO audit VALUES (9, ${values})`,
      `INSERT INTO audit VALUES (6, ${values})`,
    ]) {
      expect(() => db.exec(sql), sql).toThrow(/audit trail/)
    }
    expect(verifyAudit(openSession(db, 'x'))).toMatchObject({ ok: true, entries: 5 })
    db.close()
  })

  it('is written in the transaction it describes', () => {
    const store = freshStore()
    const before = store.read.audit.head()
    expect(() =>
      store.write((tx) => {
        tx.audit({ action: 'a.b', subject: 'c' })
        throw new Error('undone')
      }),
    ).toThrow('undone')
    expect(store.read.audit.head()).toEqual(before)
    const link = store.write((tx) => tx.audit({ action: 'a.b', subject: 'c', detail: { n: 1 } }))
    expect(store.read.audit.head()).toEqual(link)
    expect(store.read.audit.bySubject('c')).toMatchObject([
      { seq: 2, action: 'a.b', actor: '测试员', detail: { n: 1 } },
    ])
    expect(store.read.audit.page({ after: 1, limit: 5 })).toHaveLength(1)
  })
})

interface Mutation {
  name: string
  apply(db: Connection, entries: Entry[], random: RandomStream): void
  /** Only a head kept outside can show it. */
  needsAnchor?: boolean
}

const TEXTS = ['actor', 'action', 'subject', 'detail', 'previous_hash', 'hash'] as const
const pick = <T>(random: RandomStream, list: readonly T[]): T => list[random.int(list.length)] as T

/** Writes a list of entries in place of the whole trail. */
function rewrite(db: Connection, entries: readonly Entry[]): void {
  db.exec('DELETE FROM audit')
  const insert = db.prepare(
    'INSERT INTO audit VALUES (@seq, @at, @actor, @action, @subject, @detail, @previous_hash, @hash)',
  )
  for (const entry of entries) insert.run(entry)
}

/** Renumbers and rehashes from `start`, as a careful forger would. */
function rechain(entries: Entry[], start: number): void {
  for (let i = start; i < entries.length; i++) {
    const e = entries[i] as Entry
    e.seq = i + 1
    e.previous_hash = i === 0 ? '0'.repeat(64) : (entries[i - 1] as Entry).hash
    e.hash = independentHash(e)
  }
}

const MUTATIONS: Mutation[] = [
  {
    name: 'one character',
    apply(db, entries, random) {
      const [entry, column] = [pick(random, entries), pick(random, TEXTS)]
      const at = random.int(entry[column].length)
      const other = String.fromCharCode(33 + random.int(90))
      const text = entry[column].slice(0, at) + other + entry[column].slice(at + 1)
      db.prepare(`UPDATE audit SET ${column} = ? WHERE seq = ?`).run(text, entry.seq)
    },
  },
  {
    name: 'a character added or lost',
    apply(db, entries, random) {
      const [entry, column] = [pick(random, entries), pick(random, TEXTS)]
      const at = random.int(entry[column].length)
      const [head, tail] = [entry[column].slice(0, at), entry[column].slice(at)]
      const text = random.int(2) ? `${head} ${tail}` : head + tail.slice(1)
      db.prepare(`UPDATE audit SET ${column} = ? WHERE seq = ?`).run(text, entry.seq)
    },
  },
  {
    name: 'another time',
    apply(db, entries, random) {
      const entry = pick(random, entries)
      const at = pick(random, [entry.at + 1, entry.at - 1, 0, -entry.at, entry.at + random.int(1e9)])
      db.prepare('UPDATE audit SET at = ? WHERE seq = ?').run(at, entry.seq)
    },
  },
  {
    name: 'the same JSON written another way',
    apply(db, entries, random) {
      const entry = pick(random, entries)
      const detail = pick(random, [
        ` ${entry.detail}`,
        JSON.stringify(JSON.parse(entry.detail), null, 1),
        `${entry.detail}\n`,
      ])
      db.prepare('UPDATE audit SET detail = ? WHERE seq = ?').run(detail, entry.seq)
    },
  },
  {
    name: 'an entry removed',
    apply: (db, entries, random) => rewrite(db, entries.toSpliced(random.int(entries.length - 1), 1)),
  },
  {
    name: 'an entry removed and the rest renumbered',
    apply(db, entries, random) {
      const kept = entries.toSpliced(random.int(entries.length - 1), 1)
      rewrite(
        db,
        kept.map((e, i) => ({ ...e, seq: i + 1 })),
      )
    },
  },
  {
    name: 'two entries exchanged',
    apply(db, entries, random) {
      const [i, j] = random.shuffle(entries.map((_, n) => n)) as [number, number]
      const swapped = entries.slice()
      ;[swapped[i], swapped[j]] = [
        { ...(entries[j] as Entry), seq: i + 1 },
        { ...(entries[i] as Entry), seq: j + 1 },
      ]
      rewrite(db, swapped)
    },
  },
  {
    name: 'an entry forged with a right hash of its own',
    apply(db, entries, random) {
      const entry = { ...(entries[random.int(entries.length - 1)] as Entry), subject: 'nothing happened' }
      db.prepare('UPDATE audit SET subject = ?, hash = ? WHERE seq = ?').run(
        entry.subject,
        independentHash(entry),
        entry.seq,
      )
    },
  },
  {
    name: 'an entry slipped in, the rest renumbered',
    apply(db, entries, random) {
      const at = random.int(entries.length - 1) + 1
      const longer = entries.toSpliced(at, 0, { ...(entries[at - 1] as Entry), action: 'forged' })
      rewrite(
        db,
        longer.map((e, i) => ({ ...e, seq: i + 1 })),
      )
    },
  },
  {
    name: 'the beginning cut off and the rest rehashed',
    needsAnchor: true,
    apply(db, entries, random) {
      const kept = entries.slice(1 + random.int(entries.length - 1)).map((e) => ({ ...e }))
      rechain(kept, 0)
      rewrite(db, kept)
    },
  },
  {
    name: 'the end cut off',
    needsAnchor: true,
    apply: (db, entries, random) => rewrite(db, entries.slice(0, random.int(entries.length))),
  },
  {
    name: 'everything rehashed after a forgery',
    needsAnchor: true,
    apply(db, entries, random) {
      const forged = entries.map((e) => ({ ...e }))
      const at = random.int(forged.length)
      ;(forged[at] as Entry).actor = 'somebody else'
      rechain(forged, at)
      rewrite(db, forged)
    },
  },
]

describe('P-63 the audit trail shows tampering', () => {
  it('detects every mutation of the chain', () => {
    const db = new Database(join(trail(40), STORE_FILE))
    // A forger with the file in hand: triggers, checks and references switched off.
    for (const name of ['audit_no_update', 'audit_no_delete', 'audit_next_link']) db.exec(`DROP TRIGGER ${name}`)
    db.pragma('ignore_check_constraints = 1')
    db.pragma('foreign_keys = OFF')
    const session = openSession(db, 'audit.test')
    const entries = readAll(db)
    const head = entries.at(-1) as Entry
    const random = randomStream(63, 'audit')
    const missed: string[] = []
    const done = new Map<string, number>()
    for (let i = 0, wanted = repetitions(1_000, 10_000); i < wanted; ) {
      const mutation = pick(random, MUTATIONS)
      db.exec('BEGIN')
      mutation.apply(db, entries, random)
      const changed = JSON.stringify(readAll(db)) !== JSON.stringify(entries)
      const verdict = verifyAudit(session, mutation.needsAnchor ? [{ seq: head.seq, hash: head.hash }] : [])
      db.exec('ROLLBACK')
      if (!changed) {
        expect(verdict.ok).toBe(true)
        continue
      }
      if (verdict.ok) missed.push(mutation.name)
      done.set(mutation.name, (done.get(mutation.name) ?? 0) + 1)
      i++
    }
    expect(missed).toEqual([])
    expect(done.size).toBe(MUTATIONS.length)
    expect(verifyAudit(session, [head])).toEqual({ ok: true, entries: 41, head: { seq: 41, hash: head.hash } })
    db.close()
  })

  it('names the first broken link and what is wrong with it', () => {
    const db = new Database(join(trail(20), STORE_FILE))
    for (const name of ['audit_no_update', 'audit_no_delete', 'audit_next_link']) db.exec(`DROP TRIGGER ${name}`)
    const session = openSession(db, 'audit.test')
    const head = readAll(db).at(-1) as Entry
    const verdictOf = (sql: string, anchors = [{ seq: head.seq, hash: head.hash }]) => {
      db.exec(`BEGIN; ${sql}`)
      const verdict = verifyAudit(session, anchors)
      db.exec('ROLLBACK')
      return verdict
    }
    const broken = (seq: number, reason: AuditBreak) => ({ ok: false, entries: seq - 1, seq, reason })
    expect(verdictOf(`UPDATE audit SET subject = 'x' WHERE seq = 7; UPDATE audit SET at = 1 WHERE seq = 12`)).toEqual(
      broken(7, 'content'),
    )
    expect(verdictOf('DELETE FROM audit WHERE seq IN (9, 15)')).toEqual(broken(9, 'gap'))
    expect(verdictOf(`UPDATE audit SET previous_hash = hash WHERE seq = 4`)).toEqual(broken(4, 'link'))
    expect(verdictOf('DELETE FROM audit WHERE seq > 18')).toEqual(broken(19, 'anchor'))
    expect(verdictOf('SELECT 1', [{ seq: 3, hash: head.hash }])).toEqual(broken(3, 'anchor'))
    expect(verdictOf('DELETE FROM audit', [])).toEqual(broken(1, 'empty'))
    db.close()
  })
})
