import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { DataSource } from '../contract/app.ts'
import { sha256 } from '../kit/index.ts'
import { cancelAfter, codeOf, testIo, testPlace } from './app.testing.ts'
import type { AppContext } from './context.ts'
import { dataBalance, dataExport, dataImport, dataProfile, dataSplit } from './data.ts'

const place = testPlace()
const io = testIo()
const fixture = (name: string): string => fileURLToPath(new URL(`../../tests/fixtures/${name}`, import.meta.url))
const BANKING = fixture('data/banking-train.csv')

type ImportSource = DataSource & { name: string | null }
const from = (files: string[], more: Partial<ImportSource> = {}): ImportSource => {
  return { files, dataset: null, columns: null, labels: null, name: null, ...more }
}
const stored = (dataset: string) => ({ ...from([]), dataset })

type Table = Record<string, string>[]
/** A table as an independent reader sees it. */
const table = (path: string): Table => parse(readFileSync(path), { columns: true })
const countBy = (rows: Table, column: string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[row[column]] = (counts[row[column]] ?? 0) + 1
  return counts
}

/** `sizes` rows a class, each with a text of its own, and a note that no role knows. */
function uneven(sizes: Record<string, number>, columns = ['text', 'label']): string {
  const [text, label] = columns
  const lines = Object.entries(sizes).flatMap(([name, n]) =>
    Array.from({ length: n }, (_, i) => `"question ${sha256(`${name} ${i}`)}, number ${i}",${name},note ${i}`),
  )
  return `${text},${label},note\n${lines.join('\n')}\n`
}

const SIZES = { a: 60, b: 30, c: 12 }
const rowsIn = (context: AppContext, version: string | null) => [...context.store().read.rows.stream(version ?? '')]

describe('dataProfile', () => {
  it('counts rows, classes, blanks and duplicates of a file, and changes nothing', async () => {
    const context = place.workspace()
    const rows = table(BANKING)
    const profile = await dataProfile(context, from([BANKING]), io)
    const keys = rows.map(({ text, label }) => JSON.stringify([text, label]))
    expect(profile).toEqual({
      dataset: null,
      version: null,
      rows: rows.length,
      columns: ['text', 'label'],
      classes: countBy(rows, 'label'),
      ratio: Math.max(...Object.values(countBy(rows, 'label'))) / Math.min(...Object.values(countBy(rows, 'label'))),
      empty: 0,
      otherClasses: 0,
      duplicates: keys.length - new Set(keys).size,
      files: [{ path: BANKING, format: 'csv', encoding: 'utf-8', delimiter: ',', rows: rows.length }],
    })
    expect(profile.duplicates).toBeGreaterThan(0)
    expect(existsSync(context.options.workspace)).toBe(false)
  })

  it('reads every encoding alike, and shows a table whose columns it does not know', async () => {
    const context = place.workspace()
    const names = ['tables/triage-utf8.csv', 'tables/triage-gb18030.csv'].map(fixture)
    const [utf8, gb] = await Promise.all(names.map((path) => dataProfile(context, from([path]), io)))
    expect({ ...gb, files: [] }).toEqual({ ...utf8, files: [] })
    expect([utf8.files[0].encoding, gb.files[0].encoding]).toEqual(['utf-8', 'gb18030'])
    const file = place.put('odd.csv', 'x,y\n1,2\n1,2\n , \n3,4\n')
    expect(await dataProfile(context, from([file]), io)).toMatchObject({
      rows: 4,
      columns: ['x', 'y'],
      classes: {},
      ratio: 0,
      empty: 1,
      duplicates: 1,
    })
  })

  it('maps columns, keeps the classes that are asked for, and takes all other columns as input where none is named', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', uneven(SIZES, ['question', 'category']))
    const columns = { text: 'question', label: 'category' }
    const profile = await dataProfile(context, from([file], { columns, labels: ['a', 'c'] }), io)
    expect(profile).toMatchObject({ rows: 102, classes: { a: 60, c: 12 }, ratio: 5, otherClasses: 30 })
    expect(await dataProfile(context, from([file], { columns: { label: 'category' } }), io)).toMatchObject({
      classes: SIZES,
    })
    const blanks = place.put('blank.csv', 'q,category,r\nx, ,y\n,a,\nx,a,y\nx,b,y\n')
    const whole = await dataProfile(context, from([blanks], { columns: { label: 'category' } }), io)
    expect(whole).toMatchObject({ rows: 4, empty: 2, classes: { a: 1, b: 1 }, duplicates: 0 })
    const call = (more: Partial<DataSource>) => codeOf(() => dataProfile(context, from([file], more), io))
    expect(await call({ columns: { text: 'question', label: 'kategory' } })).toBe('data.column_missing')
    expect(await call({ columns: { label: 'kategory' } })).toBe('data.column_missing')
    expect(await call({ columns, labels: ['a', 'z'] })).toBe('data.label_unknown')
    expect(await call({ labels: ['a', 'b'] })).toBe('data.column_unmapped')
    expect(await call({ columns: { text: 'question', label: 'question' } })).toBe('data.option_invalid')
    expect(await call({ columns: { instruction: 'question' } })).toBe('data.column_unmapped')
  })

  it('knows conversations and instructions by their columns', async () => {
    const context = place.workspace()
    const turns = '[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]'
    const chat = place.put('c.jsonl', `{"messages":${turns}}\n{"messages":${turns}}\n`)
    expect(await dataProfile(context, from([chat]), io)).toMatchObject({ rows: 2, duplicates: 1, classes: {} })
    const bad = place.put('b.jsonl', '{"messages":[{"role":"user","content":"q"}]}\n')
    expect(await codeOf(() => dataProfile(context, from([bad]), io))).toBe('data.messages_invalid')
    const late = place.put('i.jsonl', '{"instruction":"q","output":"a"}\n{"instruction":"","output":"a","extra":"x"}\n')
    const profile = await dataProfile(context, from([late]), io)
    expect(profile).toMatchObject({ rows: 2, empty: 1, columns: ['instruction', 'output', 'extra'] })
  })

  it('stops when asked, while rows are read', async () => {
    const context = place.workspace()
    const file = place.put('long.csv', uneven({ a: 6000, b: 6000 }))
    expect(await codeOf(() => dataProfile(context, from([file]), testIo({ cancel: cancelAfter(5) })))).toBe(
      'job.cancelled',
    )
    let requested = false
    const cancel = {
      get requested() {
        return requested
      },
      throwIfRequested() {
        if (requested) throw Object.assign(new Error('stopped'), { stopped: true })
      },
    }
    // A signal is delivered between two turns of the event loop: the work must take such turns.
    setImmediate(() => {
      requested = true
    })
    await expect(dataProfile(context, from([file]), testIo({ cancel }))).rejects.toMatchObject({ stopped: true })
  })
})

describe('dataImport', () => {
  it('stores every row with its place, its cells as they are, and says so in the audit trail', async () => {
    const context = place.workspace()
    const text = 'category,label,question,10,2\n x ,kept," a, ""b""\n",ten,two\n,,,,\ny,kept,c,,\n'
    const file = place.put('My rows.csv', text)
    const columns = { text: 'question', label: 'category' }
    const profile = await dataImport(context, from([file], { columns }), io)
    expect(profile).toMatchObject({
      rows: 3,
      empty: 1,
      classes: { x: 1, y: 1 },
      dataset: 'dataset-1',
      version: 'version-1',
    })
    expect(profile.columns).toEqual(['category', 'label', 'question', '10', '2'])
    const { read } = context.store()
    expect(read.projects.list()).toMatchObject([{ name: 'default' }])
    expect(read.datasets.byId('dataset-1')).toMatchObject({ name: 'My rows', projectId: 'project-1' })
    expect(read.datasets.version('version-1')).toMatchObject({ number: 1, rowCount: 2, testHash: null })
    const fileHash = sha256(readFileSync(file))
    expect(rowsIn(context, 'version-1')).toMatchObject([
      {
        fields: { category: ' x ', label: 'kept', question: ' a, "b"\n', '10': 'ten', '2': 'two' },
        label: 'x',
        source: { fileHash, sheet: null, line: 2 },
        split: null,
        origin: 'human',
        parent: null,
      },
      { fields: { category: 'y', question: 'c', '10': '' }, label: 'y', source: { fileHash, line: 5 } },
    ])
    const [entry] = read.audit.bySubject('version-1')
    expect(entry).toMatchObject({ action: 'data.import', detail: { dataset: 'dataset-1', rows: 2 } })
    expect(entry?.detail.files).toMatchObject([{ path: file, sha256: fileHash, format: 'csv', encoding: 'utf-8' }])
    expect(context.store().verifyAudit()).toMatchObject({ ok: true })
    expect(await dataProfile(context, stored('My rows'), io)).toEqual({ ...profile, rows: 2, empty: 0 })
    expect(await dataProfile(context, stored('version-1'), io)).toMatchObject({
      dataset: 'dataset-1',
      version: 'version-1',
    })
  })

  it('gives equal rows numbered ids that do not depend on the order of other rows', async () => {
    const context = place.workspace()
    const first = await dataImport(
      context,
      from([place.put('a.csv', 'text,label\nx,1\ny,2\nx,1\n')], { name: 'n' }),
      io,
    )
    const second = await dataImport(
      context,
      from([place.put('b.csv', 'text,label\nz,3\nx,1\nx,1\ny,2\n')], { name: 'n' }),
      io,
    )
    expect(first.duplicates).toBe(1)
    const ids = (version: string | null) => rowsIn(context, version).map(({ id, fields }) => `${fields.text} ${id}`)
    expect(ids(second.version)).toEqual(expect.arrayContaining(ids(first.version)))
    expect(new Set(ids(second.version)).size).toBe(4)
    expect(second).toMatchObject({ dataset: first.dataset, version: 'version-2' })
  })

  it('makes no second version of the same rows, and one of the same rows under another mapping', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', uneven(SIZES))
    const again = () => dataImport(context, from([file]), io)
    expect(await again()).toEqual(await again())
    const audit = () =>
      context
        .store()
        .read.audit.page()
        .filter(({ action }) => action === 'data.import').length
    expect(audit()).toBe(1)
    const columns = { text: 'note', label: 'label' }
    expect(await dataImport(context, from([file], { columns }), io)).toMatchObject({
      dataset: 'dataset-1',
      version: 'version-2',
    })
    expect(await dataImport(context, { ...from([file]), project: 'triage' }, io)).toMatchObject({
      dataset: 'dataset-2',
    })
    expect(
      context
        .store()
        .read.projects.list()
        .map(({ name }) => name),
    ).toEqual(['triage', 'default'])
    expect(audit()).toBe(3)
  })

  it('reads several files as one table', async () => {
    const context = place.workspace()
    const files = [place.put('a.csv', 'text,label\nx,1\n'), place.put('b.tsv', 'label\ttext\tmore\n2\ty\tz\n')]
    const profile = await dataImport(context, from(files), io)
    expect(profile).toMatchObject({ rows: 2, classes: { 1: 1, 2: 1 }, columns: ['text', 'label', 'more'] })
    expect(profile.files.map(({ rows, delimiter }) => [rows, delimiter])).toEqual([
      [1, ','],
      [1, '\t'],
    ])
    const wrong = place.put('c.csv', 'question,label\nx,1\n')
    expect(await codeOf(() => dataImport(context, from([files[0], wrong]), io))).toBe('data.column_missing')
  })

  it('changes nothing when the file is bad or the work is stopped', async () => {
    const context = place.workspace()
    const call = (path: string, cancel?: ReturnType<typeof cancelAfter>) =>
      codeOf(() => dataImport(context, from([path]), testIo(cancel === undefined ? {} : { cancel })))
    expect(await call(join(place.folder, 'none.csv'))).toBe('data.file_missing')
    expect(await call(place.put('e.csv', ''))).toBe('data.empty')
    expect(await call(place.put('r.csv', 'text,label\nx,1\ny\n'))).toBe('data.csv.ragged')
    expect(await call(place.put('b.csv', 'text,label\n ,1\nx,\n'))).toBe('data.all_empty')
    expect(existsSync(context.options.workspace)).toBe(false)
    const file = place.put('t.csv', uneven({ a: 3000, b: 3000 }))
    for (let asked = 1; asked < 40; asked += 4) {
      const outcome = await call(file, cancelAfter(asked))
      const { read } = context.store()
      if (outcome === 'accepted') break
      expect(outcome).toBe('job.cancelled')
      expect(read.datasets.version('version-1')).toBeUndefined()
      expect(read.projects.list()).toEqual([])
    }
    expect(await call(file)).toBe('accepted')
    expect(context.store().read.datasets.version('version-1')?.rowCount).toBe(6000)
    const stages = testIo()
    await dataImport(context, { ...from([file]), name: 'other' }, stages)
    expect(new Set(stages.events.map(({ stage }) => stage))).toEqual(new Set(['check', 'import']))
    const size = statSync(file).size
    expect(stages.events.at(-1)).toMatchObject({ stage: 'import', done: size, total: size, unit: 'bytes' })
  })
})

describe('dataSplit', () => {
  const settings = { test: 0.2, validation: 0.1, leaks: 'remove' as const, seed: 7, to: null }

  it('splits files by class, and writes only where it was told to', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', uneven(SIZES))
    const looked = await dataSplit(context, { ...from([file]), ...settings }, io)
    const classes = {
      a: { train: 42, validation: 6, test: 12 },
      b: { train: 21, validation: 3, test: 6 },
      c: { train: 9, validation: 1, test: 2 },
    }
    const counts = { trainRows: 72, validationRows: 10, testRows: 20 }
    const expected = { dataset: null, version: null, ...counts, classes, leaksRemoved: 0, nearLeaks: 0, files: [] }
    expect(looked).toEqual(expected)
    expect(existsSync(context.options.workspace)).toBe(false)
    const to = join(place.folder, 'out', 'split')
    const written = await dataSplit(context, { ...from([file]), ...settings, to }, io)
    const files = ['train', 'validation', 'test'].map((name) => join(to, `${name}.csv`))
    expect(written).toEqual({ ...expected, files })
    const parts = files.map(table)
    expect(parts.map((rows) => rows.length)).toEqual([72, 10, 20])
    const key = (row: Record<string, string>): string => JSON.stringify(row)
    expect(parts.flat().map(key).sort()).toEqual(table(file).map(key).sort())
    expect(await codeOf(() => dataSplit(context, { ...from([file]), ...settings, to }, io))).toBe('data.target_exists')
    const other = await dataSplit(context, { ...from([file]), ...settings, seed: 8, to: join(place.folder, 'o2') }, io)
    expect(table(other.files[2]).map(key).sort()).not.toEqual(parts[2].map(key).sort())
  })

  it('keeps equal inputs together and counts near ones', async () => {
    const context = place.workspace()
    const long = (i: number): string =>
      `how long does the delivery of parcel number ${i} take from the depot to my door`
    const lines = Array.from({ length: 40 }, (_, i) => `${long(i)},${i % 2 === 0 ? 'a' : 'b'}`)
    const file = place.put('n.csv', `text,label\n${[...lines, ...lines].join('\n')}\n`)
    const to = join(place.folder, 's')
    const result = await dataSplit(context, { ...from([file]), ...settings, leaks: 'refuse', validation: 0, to }, io)
    const [train, test] = [join(to, 'train.csv'), join(to, 'test.csv')].map((path) =>
      table(path).map(({ text }) => text),
    )
    expect(test.length).toBeGreaterThan(0)
    expect(train.filter((text) => test.includes(text))).toEqual([])
    expect(result).toMatchObject({
      leaksRemoved: 0,
      validationRows: 0,
      files: [join(to, 'train.csv'), join(to, 'test.csv')],
    })
    expect(result.nearLeaks).toBeGreaterThan(train.length / 2)
  })

  it('gives a stored dataset a new version, the same for the same seed', async () => {
    const context = place.workspace()
    const { dataset } = await dataImport(context, from([place.put('t.csv', uneven(SIZES))]), io)
    const first = await dataSplit(context, { ...stored(dataset ?? ''), ...settings }, io)
    expect(first).toMatchObject({ dataset: 'dataset-1', version: 'version-2', trainRows: 72, files: [] })
    const rows = rowsIn(context, first.version)
    expect(rows).toHaveLength(102)
    expect(rows.map(({ id }) => id)).toEqual(rowsIn(context, 'version-1').map(({ id }) => id))
    expect(rows.filter(({ split }) => split === 'test')).toHaveLength(20)
    const again = await dataSplit(context, { ...stored('version-1'), ...settings }, io)
    expect(rowsIn(context, again.version)).toEqual(rows)
    const { read } = context.store()
    const [one, two] = [first, again].map(({ version }) => read.datasets.version(version ?? ''))
    expect(two).toMatchObject({ contentHash: one?.contentHash, recipeHash: one?.recipeHash, testHash: one?.testHash })
    expect(one?.testHash).toMatch(/^[0-9a-f]{64}$/)
    expect(read.recipes.byHash(one?.recipeHash ?? '')?.recipe).toMatchObject({
      step: 'split',
      data: { columns: { text: 'text', label: 'label' }, split: { test: 0.2, validation: 0.1 }, leaks: 'remove' },
      seed: 7,
    })
    expect(read.audit.bySubject('version-2')).toMatchObject([
      { action: 'data.split', detail: { from: 'version-1', seed: 7 } },
    ])
    const anew = await dataSplit(context, { ...stored(dataset ?? ''), ...settings, seed: 9 }, io)
    expect(anew).toMatchObject({ trainRows: 72, testRows: 20 })
    const profile = await dataProfile(context, stored(dataset ?? ''), io)
    expect(profile).toMatchObject({ version: anew.version, rows: 102, classes: SIZES })
    expect(profile.files).toHaveLength(1)
  })

  it('refuses shares that leave nothing, and classes too small', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', 'text,label\nx,a\ny,b\n')
    const call = (test: number, validation: number) =>
      codeOf(() => dataSplit(context, { ...from([file]), ...settings, test, validation }, io))
    for (const [test, validation] of [
      [0, 0],
      [1, 0],
      [0.5, 0.5],
      [-0.1, 0.3],
      [Number.NaN, 0],
    ]) {
      expect(await call(test, validation), `${test} ${validation}`).toBe('data.option_invalid')
    }
    expect(await call(0.5, 0)).toBe('data.class_too_small')
    expect(await codeOf(() => dataSplit(context, { ...stored('nothing'), ...settings }, io))).toBe(
      'data.dataset_unknown',
    )
  })
})

describe('dataBalance', () => {
  const settings = { maxRatio: 1.5, method: 'downsample' as const, seed: 3, to: null }

  it('takes rows out of the large classes, and writes what is left', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', uneven(SIZES))
    const to = join(place.folder, 'balanced.csv')
    const result = await dataBalance(context, { ...from([file]), ...settings, to }, io)
    const after = { a: 18, b: 18, c: 12 }
    expect(result).toEqual({
      dataset: null,
      version: null,
      before: SIZES,
      after,
      ratioBefore: 5,
      ratioAfter: 1.5,
      removed: 54,
      added: 0,
      files: [to],
    })
    expect(countBy(table(to), 'label')).toEqual(after)
    expect(Object.keys(table(to)[0])).toEqual(['text', 'label', 'note'])
    const all = table(file).map((row) => JSON.stringify(row))
    expect(table(to).every((row) => all.includes(JSON.stringify(row)))).toBe(true)
    expect(await codeOf(() => dataBalance(context, { ...from([file]), ...settings, to: file }, io))).toBe(
      'data.target_exists',
    )
  })

  it('repeats rows of the small classes, or weighs them', async () => {
    const context = place.workspace()
    const file = place.put('t.csv', uneven(SIZES))
    const up = join(place.folder, 'up.csv')
    const result = await dataBalance(context, { ...from([file]), ...settings, method: 'upsample', to: up }, io)
    expect(result).toMatchObject({ after: { a: 60, b: 40, c: 40 }, ratioAfter: 1.5, removed: 0, added: 38 })
    expect(countBy(table(up), 'label')).toEqual(result.after)
    const to = join(place.folder, 'weighed.csv')
    const weighed = await dataBalance(context, { ...from([file]), ...settings, method: 'weight', to }, io)
    expect(weighed).toMatchObject({ before: SIZES, after: SIZES, ratioAfter: 1.5, removed: 0, added: 0 })
    const sums: Record<string, number> = {}
    for (const { label, weight } of table(to)) sums[label] = (sums[label] ?? 0) + Number(weight)
    expect(sums.a / sums.c).toBeCloseTo(1.5, 10)
    expect(sums.a + sums.b + sums.c).toBeCloseTo(102, 8)
    const taken = place.put('w.csv', 'text,label,weight\nx,a,1\ny,b,2\n')
    const again = { ...from([taken]), ...settings, method: 'weight' as const, to: join(place.folder, 'w2.csv') }
    expect(await codeOf(() => dataBalance(context, again, io))).toBe('data.column_taken')
  })

  it('changes the training rows of a stored dataset alone, and never the version before', async () => {
    const context = place.workspace()
    const { dataset } = await dataImport(context, from([place.put('t.csv', uneven(SIZES))]), io)
    const id = dataset ?? ''
    const share = { test: 0.2, validation: 0, leaks: 'remove' as const, seed: 1, to: null }
    const split = await dataSplit(context, { ...stored(id), ...share }, io)
    const down = await dataBalance(context, { ...stored(id), ...settings }, io)
    expect(down).toMatchObject({
      version: 'version-3',
      before: { a: 48, b: 24, c: 10 },
      after: { a: 15, b: 15, c: 10 },
      removed: 42,
    })
    const before = rowsIn(context, split.version)
    const after = rowsIn(context, down.version)
    expect(after.map((row) => row.id)).toEqual(before.map((row) => row.id))
    const of = (rows: typeof after, name: string | null) => rows.filter(({ split: s }) => s === name)
    expect(of(after, 'test')).toEqual(of(before, 'test'))
    expect(of(after, 'train')).toHaveLength(40)
    expect(of(after, null)).toHaveLength(42)
    const { read } = context.store()
    expect(read.datasets.version('version-3')?.testHash).toBe(read.datasets.version('version-2')?.testHash)
    expect(await dataProfile(context, stored(id), io)).toMatchObject({ classes: { a: 27, b: 21, c: 12 } })

    const up = { ...stored(split.version ?? ''), ...settings, method: 'upsample' as const }
    const raised = await dataBalance(context, up, io)
    const copies = rowsIn(context, raised.version).filter(({ parent }) => parent !== null)
    expect(copies).toHaveLength(raised.added)
    expect(copies.every(({ split: s, parent }) => s === 'train' && before.some((row) => row.id === parent))).toBe(true)
    const twice = await dataBalance(context, { ...up, ...stored(raised.version ?? ''), maxRatio: 1 }, io)
    expect(twice).toMatchObject({ before: { a: 48, b: 24, c: 10 }, after: { a: 48, b: 48, c: 48 }, added: 62 })
    expect(await dataProfile(context, stored(id), io)).toMatchObject({ rows: 164, duplicates: 0 })
    const resplit = () => dataSplit(context, { ...stored(id), ...share }, io)
    expect(await codeOf(resplit)).toBe('data.split_after_balance')
    const versions = read.datasets.versions(id).length
    expect(await dataBalance(context, { ...stored(id), ...settings, method: 'weight' }, io)).toMatchObject({
      version: null,
    })
    expect(await dataBalance(context, { ...stored(id), ...settings, method: 'none' }, io)).toMatchObject({
      version: null,
    })
    expect(read.datasets.versions(id)).toHaveLength(versions)
    expect(context.store().verifyAudit()).toMatchObject({ ok: true })
  })

  it('refuses by name', async () => {
    const context = place.workspace()
    const call = (text: string, more: object = {}) =>
      codeOf(() => dataBalance(context, { ...from([place.put('t.csv', text)]), ...settings, ...more }, io))
    expect(await call('x,y\n1,2\n')).toBe('data.no_classes')
    expect(await call('text,label\nx,a\ny,a\n')).toBe('data.one_class')
    expect(await call('text,label\nx,a\ny,b\n', { maxRatio: 0.5 })).toBe('data.option_invalid')
    expect(await call('text,label\nx,a\ny,b\n', { method: 'augment' })).toBe('feature.unavailable')
    expect(await call('text,label\nx,a\ny,b\n', { to: join(place.folder, 'x.xlsx') })).toBe('feature.unavailable')
  })
})

describe('dataExport', () => {
  it('gives back what was imported, cell by cell and column by column', async () => {
    const context = place.workspace()
    const header = 'question,10,2,label'
    const text = `${header}\r\n"=cmd, ""x""\nline",１,  ,心内科\r\n" padded ",a;b,,🙂\r\n`
    const file = place.put('t.csv', text)
    await dataImport(context, from([file], { columns: { text: 'question', label: 'label' }, name: '分诊/一' }), io)
    const to = join(place.folder, 'new', 'out.csv')
    expect(await dataExport(context, { dataset: '分诊/一', to }, io)).toEqual({ rows: 2, files: [to] })
    expect(table(to)).toEqual(table(file))
    expect(readFileSync(to, 'utf8').split('\r\n')[0]).toBe(header)
    const folder = await dataExport(context, { dataset: 'dataset-1', to: place.folder }, io)
    expect(folder.files).toEqual([join(place.folder, '分诊-一.csv')])
    expect(await codeOf(() => dataExport(context, { dataset: 'dataset-1', to }, io))).toBe('data.target_exists')
    expect(await codeOf(() => dataExport(context, { dataset: 'dataset-9', to: join(place.folder, 'x.csv') }, io))).toBe(
      'data.dataset_unknown',
    )
    const entries = context
      .store()
      .read.audit.bySubject('version-1')
      .map(({ action }) => action)
    expect(entries).toEqual(['data.import', 'data.export', 'data.export'])
  })

  it('writes one file a split and leaves out what a step left out', async () => {
    const context = place.workspace()
    const { dataset } = await dataImport(context, from([place.put('t.csv', uneven(SIZES))]), io)
    const id = dataset ?? ''
    await dataSplit(context, { ...stored(id), test: 0.2, validation: 0, leaks: 'remove', seed: 1, to: null }, io)
    const { after } = await dataBalance(
      context,
      { ...stored(id), maxRatio: 1.5, method: 'downsample', seed: 1, to: null },
      io,
    )
    const result = await dataExport(context, { dataset: id, to: join(place.folder, 'out.csv') }, io)
    const [train, test] = ['out-train.csv', 'out-test.csv'].map((name) => join(place.folder, name))
    expect(result).toEqual({ rows: 60, files: [train, test] })
    expect(countBy(table(train), 'label')).toEqual(after)
    expect(countBy(table(test), 'label')).toEqual({ a: 12, b: 6, c: 2 })
    const stopped = testIo({ cancel: cancelAfter(1) })
    const to = join(place.folder, 'second')
    expect(await codeOf(() => dataExport(context, { dataset: id, to }, stopped))).toBe('job.cancelled')
    expect(existsSync(join(to, 'train.csv'))).toBe(false)
  })
})
