import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { codeOf, errorOf, freshStore, seed, temporaryFolder } from '../../tests/fault/store-support.ts'
import { diskFiles } from '../kit/index.ts'
import { openStore, SCHEMA_VERSION, STORE_FILE } from './index.ts'
import { applyMigrations } from './migrate.ts'
import { migrations } from './migrations/index.ts'

const open = (folder: string) => openStore(folder, { actor: 'tester' })
const look = (folder: string) => openStore(folder, { actor: 'viewer', mode: 'read' })

/** Changes the closed database of a folder behind the store's back. */
function tamper(folder: string, work: (db: InstanceType<typeof Database>) => void): void {
  const db = new Database(join(folder, STORE_FILE))
  work(db)
  db.close()
}

describe('P-23 pragmas', () => {
  it('hold on every connection, first and later, writing and reading', () => {
    const folder = temporaryFolder()
    const expected = {
      journal_mode: 'wal',
      synchronous: 2,
      foreign_keys: 1,
      trusted_schema: 0,
      busy_timeout: 5000,
      recursive_triggers: 1,
      cell_size_check: 1,
    }
    for (let round = 0; round < 3; round++) {
      const store = open(folder)
      expect(store.pragmas()).toMatchObject(expected)
      const viewer = look(folder)
      expect(viewer.pragmas()).toMatchObject(expected)
      viewer.close()
      store.close()
      const alone = look(folder)
      expect(alone.pragmas()).toMatchObject(expected)
      alone.close()
    }
  })

  it('are set against a database that remembers others', () => {
    const folder = temporaryFolder()
    open(folder).close()
    tamper(folder, (db) => db.pragma('journal_mode = DELETE'))
    const store = open(folder)
    expect(store.pragmas()).toMatchObject({ journal_mode: 'wal', synchronous: 2 })
    store.close()
  })
})

describe('opening', () => {
  it('creates folder and store, and finds everything again', () => {
    const folder = join(temporaryFolder(), '工作区 with blanks', 'deep')
    const first = open(folder)
    const ids = first.write(seed)
    first.close()
    const second = open(folder)
    expect(second.read.runs.byId(ids.runId)?.projectId).toBe(ids.projectId)
    expect(second.read.projects.byId(ids.projectId)?.name).toBe('内科分诊')
    expect(second.verifyAudit()).toMatchObject({ ok: true, entries: 2 })
    expect(second.checkIntegrity()).toEqual([])
    second.close()
  })

  it.skipIf(process.platform === 'win32')('keeps the data from other users of the machine', () => {
    const folder = temporaryFolder()
    const store = open(folder)
    store.write(seed)
    for (const name of [STORE_FILE, `${STORE_FILE}-wal`, `${STORE_FILE}-shm`]) {
      expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0])
    }
    store.close()
  })

  it('makes tables strict', () => {
    const folder = temporaryFolder()
    open(folder).close()
    tamper(folder, (db) => {
      const tables = db.pragma('table_list') as { name: string; type: string; strict: number }[]
      const loose = tables.filter((t) => t.type === 'table' && !t.name.startsWith('sqlite_') && t.strict === 0)
      expect(loose).toEqual([])
      expect(tables.length).toBeGreaterThan(12)
    })
  })

  it('for reading finds nothing where nothing is, and creates nothing', () => {
    const folder = temporaryFolder()
    expect(codeOf(() => look(folder))).toBe('store.missing')
    expect(codeOf(() => look(join(folder, 'none')))).toBe('store.missing')
    expect(diskFiles.list(folder)).toEqual([])
  })

  it('for reading sees each committed change of a writer beside it', () => {
    const folder = temporaryFolder()
    const writer = freshStore({ folder })
    const viewer = look(folder)
    expect(viewer.read.projects.list()).toEqual([])
    writer.write((tx) => {
      tx.projects.add({ name: 'half' })
      expect(viewer.read.projects.list()).toEqual([])
      tx.audit({ action: 'project.add', subject: 'half' })
    })
    expect(viewer.read.projects.list().map((p) => p.name)).toEqual(['half'])
    viewer.close()
  })

  it('is refused while another owner in this process writes', () => {
    const store = freshStore()
    const refusal = errorOf(() => open(store.folder))
    expect(refusal).toMatchObject({ code: 'store.in_use', data: { folder: store.folder, pid: process.pid } })
    store.close()
    open(store.folder).close()
  })
})

describe('a file that is not our store', () => {
  it('of a newer program is refused and left alone', () => {
    const folder = temporaryFolder()
    open(folder).close()
    tamper(folder, (db) => db.pragma(`user_version = ${SCHEMA_VERSION + 1}`))
    const before = diskFiles.read(join(folder, STORE_FILE))
    for (const way of [open, look]) {
      expect(errorOf(() => way(folder))).toMatchObject({
        code: 'store.newer',
        data: { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION },
      })
    }
    expect(diskFiles.read(join(folder, STORE_FILE))).toEqual(before)
    tamper(folder, (db) => db.pragma(`user_version = ${SCHEMA_VERSION}`))
    open(folder).close() // the refusals gave the lock back
  })

  it('of another program is refused and left alone', () => {
    const folder = temporaryFolder()
    tamper(folder, (db) => db.exec('CREATE TABLE bookmarks (url TEXT)'))
    const before = diskFiles.read(join(folder, STORE_FILE))
    expect(codeOf(() => open(folder))).toBe('store.foreign')
    expect(codeOf(() => look(folder))).toBe('store.foreign')
    expect(diskFiles.read(join(folder, STORE_FILE))).toEqual(before)
  })

  it('that is no database is refused and left alone', () => {
    const folder = temporaryFolder()
    const bytes = new TextEncoder().encode('text,label\n头疼,内科\n'.repeat(500))
    diskFiles.writeDurable(join(folder, STORE_FILE), bytes)
    expect(codeOf(() => open(folder))).toBe('store.not_a_database')
    expect(codeOf(() => look(folder))).toBe('store.not_a_database')
    expect(new Uint8Array(diskFiles.read(join(folder, STORE_FILE)))).toEqual(bytes)
  })

  it('that is damaged names the damage, at the latest when it is checked', () => {
    const folder = temporaryFolder()
    const store = open(folder)
    store.write(seed)
    store.close()
    const path = join(folder, STORE_FILE)
    const whole = diskFiles.read(path)
    let found = 0
    for (let page = 0; page < whole.byteLength / 4096; page++) {
      const broken = new Uint8Array(whole)
      // The page's own header; on the first page it follows the header of the file.
      const header = page * 4096 + (page === 0 ? 100 : 0)
      broken.fill(0xa5, header, header + 8)
      diskFiles.writeDurable(path, broken)
      try {
        const again = open(folder)
        try {
          if (again.checkIntegrity().length > 0) found++
        } finally {
          again.close()
        }
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^store\.(corrupt|not_a_database|foreign)$/) })
        found++
      }
    }
    expect(found).toBe(whole.byteLength / 4096)
  })

  it('that holds a value against the schema is called damaged where it is read', () => {
    const folder = temporaryFolder()
    const first = open(folder)
    first.write(seed)
    first.close()
    tamper(folder, (db) => {
      db.pragma('ignore_check_constraints = 1')
      db.exec(`UPDATE models SET fingerprint = '{"weights":'; UPDATE projects SET created_at = -1`)
    })
    const store = open(folder)
    expect(errorOf(() => store.read.models.list())).toMatchObject({
      code: 'store.corrupt',
      data: { place: 'models.fingerprint' },
    })
    expect(errorOf(() => store.read.projects.list()).data.place).toBe('projects.createdAt')
    store.close()
  })

  it('is the lock: its damage is named apart from the data', () => {
    const folder = temporaryFolder()
    open(folder).close()
    diskFiles.writeDurable(join(folder, 'airlock.lock'), new TextEncoder().encode('12345\n'.repeat(200)))
    expect(codeOf(() => open(folder))).toBe('store.lock_damaged')
    look(folder).close()
    diskFiles.remove(join(folder, 'airlock.lock'))
    open(folder).close()
  })
})

describe('a place that cannot hold a store', () => {
  it('is a file, or below one', () => {
    const folder = temporaryFolder()
    diskFiles.writeDurable(join(folder, 'file'), new Uint8Array(1))
    expect(codeOf(() => open(join(folder, 'file')))).toBe('store.cannot_open')
    expect(codeOf(() => open(join(folder, 'file', 'below')))).toBe('store.cannot_open')
    diskFiles.makeFolder(join(folder, 'ws', STORE_FILE))
    expect(codeOf(() => open(join(folder, 'ws')))).toBe('store.cannot_open')
  })

  // Not even the superuser may create files in /sys.
  it.skipIf(process.platform !== 'linux')('is a folder without write permission', () => {
    expect(errorOf(() => open('/sys'))).toMatchObject({ code: 'store.read_only', data: { folder: '/sys' } })
    expect(codeOf(() => open('/sys/new'))).toBe('store.read_only')
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('is a folder made read-only', () => {
    const folder = temporaryFolder()
    open(folder).close()
    chmodSync(folder, 0o500)
    try {
      expect(codeOf(() => open(folder))).toBe('store.read_only')
    } finally {
      chmodSync(folder, 0o700)
    }
  })
})

describe('a store that another program has locked', () => {
  // Waits the whole busy time, five seconds.
  it.runIf(process.env.AIRLOCK_TEST_FULL === '1')('is left alone, and named', () => {
    const store = freshStore()
    const intruder = new Database(join(store.folder, STORE_FILE))
    intruder.exec('BEGIN IMMEDIATE')
    const attempt = () => store.write((tx) => tx.audit({ action: 'a.b', subject: 'c' }))
    expect(errorOf(attempt)).toMatchObject({ code: 'store.busy', data: { seconds: 5 } })
    intruder.close()
    expect(attempt().seq).toBe(2)
  })
})

describe('an older store', () => {
  for (const [name, way] of Object.entries({ write: open, read: look })) {
    it(`is brought up to date once, data kept, when opened to ${name}`, () => {
      const folder = temporaryFolder()
      tamper(folder, (db) => {
        db.transaction(() => applyMigrations(db, migrations.slice(0, 2)))()
        db.exec(`INSERT INTO projects (id, name, created_at) VALUES ('p', '旧项目', 7)`)
      })
      const store = way(folder)
      expect(store.read.projects.list()).toEqual([{ id: 'p', name: '旧项目', createdAt: 7 }])
      const entries = store.read.audit.page()
      expect(entries.map((e) => [e.action, e.detail])).toEqual([['store.migrate', { from: 2, to: SCHEMA_VERSION }]])
      store.close()
      const again = open(folder)
      expect(again.read.audit.page()).toEqual(entries)
      again.close()
    })
  }

  it('is left whole when its upgrade fails', () => {
    const folder = temporaryFolder()
    tamper(folder, (db) => {
      db.transaction(() => applyMigrations(db, migrations.slice(0, 1)))()
      db.exec('CREATE TABLE test_splits (in_the_way TEXT)') // collides in the second step, after other tables
    })
    expect(() => open(folder)).toThrow(/test_splits already exists/)
    tamper(folder, (db) => {
      expect(db.pragma('user_version', { simple: true })).toBe(1)
      expect(db.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'runs'`).get()).toEqual({ n: 0 })
    })
  })
})
