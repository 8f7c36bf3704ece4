import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../contract/errors/index.ts'
import { cancelSource, isAppError, neverCancelled, sha256 } from '../kit/index.ts'
import { prepareData } from './prepare.ts'
import type { BalanceMethod, DataIo, DataOptions, PreparedData } from './types.ts'

const folder = mkdtempSync(join(tmpdir(), 'data-'))
const fixtures = join(import.meta.dirname, '../../tests/fixtures')
let files = 0

function write(content: string | Uint8Array, name = 'rows.csv'): string {
  const path = join(folder, `${files++}-${name}`)
  writeFileSync(path, content)
  return path
}

const csv = (rows: readonly (readonly string[])[], header = ['text', 'label']): string =>
  [header, ...rows].map((r) => r.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join('\n')

type Overrides = Partial<Omit<DataOptions, 'balance'>> & { balance?: Partial<DataOptions['balance']> }

function options({ balance, ...rest }: Overrides): DataOptions {
  return {
    train: [],
    test: null,
    validation: null,
    split: null,
    columns: { text: 'text', label: 'label' },
    labels: null,
    perClass: null,
    duplicates: 'remove',
    leaks: 'remove',
    nearLeaks: 'report',
    balance: { maxRatio: 1.5, method: 'none', ...balance },
    seed: 42,
    needsValidation: false,
    task: 'classification',
    ...rest,
  }
}

const prepare = (o: Overrides, io: Partial<DataIo> = {}): PreparedData =>
  prepareData(options(o), { cancel: neverCancelled, ...io })

function refusal(action: () => unknown): { code: string; exit: number | undefined; [fact: string]: unknown } {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return { ...error.data, code: error.code, exit: errorCatalogue[error.code]?.exit }
    throw error
  }
  throw new Error('nothing was refused')
}

const WORDS = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa'.split(
  ' ',
)
/** Sentences that are far from each other, so that no near duplicate disturbs a count. */
const sentence = (i: number): string => `${sha256(`s${i}`).match(/.{6}/g)?.join(' ')} ${WORDS[i % WORDS.length]}`
const rows = (sizes: Record<string, number>, from = 0): string[][] => {
  let i = from
  return Object.entries(sizes).flatMap(([label, n]) => Array.from({ length: n }, () => [sentence(i++), label]))
}
const texts = (list: readonly { fields: Readonly<Record<string, string>> }[]) => list.map((r) => r.fields.text)

describe('a prepared training table', () => {
  it('keeps duplicates and file order when the recipe says so', () => {
    const train = join(fixtures, 'data/banking-train.csv')
    const test = join(fixtures, 'data/banking-test.csv')
    const data = prepare({ train: [train], test: [test], duplicates: 'keep' })
    const expected = readFileSync(train, 'utf8').trimEnd().split('\r\n').slice(1)
    expect(data.train.map((r) => `${r.fields.text},${r.label}`)).toEqual(
      expected.map((line) => line.replace(/^"(.*)",/, (_, t: string) => `${t.replaceAll('""', '"')},`)),
    )
    expect(data.summary).toMatchObject({
      rows: 120,
      trainRows: 96,
      testRows: 24,
      duplicatesRemoved: 0,
      leaksRemoved: 0,
      ratioBefore: 1,
      ratioAfter: 1,
    })
    expect(data.labels).toHaveLength(12)
    expect(new Set(data.train.map((r) => r.id)).size).toBe(96)
    expect(data.findings).toContainEqual(expect.objectContaining({ kind: 'duplicates', count: 48, removed: false }))
    expect(prepare({ train: [train], test: [test] }).summary).toMatchObject({ trainRows: 48, duplicatesRemoved: 48 })
  })

  it('gives rows their source, fields by role and by column, and stable ids', () => {
    const path = write('id,question,category\n7,"first\nline", billing \n8,second,card\n')
    const data = prepare({ train: [path], columns: { text: 'question', label: 'category' } })
    expect(data.train[0]).toMatchObject({
      fields: { id: '7', question: 'first\nline', category: ' billing ', text: 'first\nline', label: 'billing' },
      label: 'billing',
      weight: 1,
      parent: null,
      origin: 'human',
      split: 'train',
      source: { sheet: null, line: 2, sha256: sha256(readFileSync(path)) },
    })
    expect(data.train[1].source.line).toBe(4)
    expect(data.train[0].id).toMatch(/^[0-9a-f]{32}\.1$/)
    // Another order and an extra column change no id: they come from the mapped content.
    const again = prepare({
      train: [write('category,question\ncard,second\nbilling,"first\nline"\n')],
      columns: { text: 'question', label: 'category' },
    })
    expect(again.train.map((r) => r.id).sort()).toEqual(data.train.map((r) => r.id).sort())
  })

  it('gives held-out rows ids that do not move when training rows are added', () => {
    const test = [write(csv(rows({ a: 2, b: 2 }, 100)))]
    const load = (extra: string[][]) => prepare({ train: [write(csv([...extra, ...rows({ a: 3, b: 3 })]))], test }).test
    const ids = load([]).map((r) => r.id)
    expect(ids.every((id) => /^[0-9a-f]{32}\.1$/.test(id))).toBe(true)
    expect(load(rows({ a: 1, b: 1 }, 100)).map((r) => r.id)).toEqual(ids)
  })

  it('reads the same rows from every format and encoding', () => {
    const list = [
      ['头晕怎么办', '神经科'],
      ['胃胀 "两天"', '消化科'],
      ['手抖, 半年', '神经科'],
    ]
    const objects = list.map(([text, label]) => ({ text, label }))
    const variants = [
      write(csv(list)),
      write(Buffer.from(`\ufeff${csv(list)}`, 'utf16le')),
      write(`\ufeff${csv(list)}`),
      write(csv(list).replaceAll('","', '"\t"'), 'rows.tsv'),
      write(JSON.stringify(objects, null, 2), 'rows.json'),
      write(JSON.stringify({ data: objects }), 'rows.json'),
      write(objects.map((o) => JSON.stringify(o)).join('\n'), 'rows.jsonl'),
    ].map((path) => prepare({ train: [path] }).train.map((r) => [r.id, r.hash, r.group, r.label, r.fields]))
    for (const variant of variants) expect(variant).toEqual(variants[0])
  })

  it('prepares the GB18030 sample like its UTF-8 twin', () => {
    const load = (name: string) =>
      prepare({
        train: [join(fixtures, 'tables', name)],
        columns: { title: 'title', text: 'ask', label: 'department' },
      })
    const data = load('triage-gb18030.csv')
    expect(data.labels).toEqual(['内分泌科', '呼吸科', '心血管科', '消化科', '神经科'].sort())
    expect(data.train.map((r) => r.id)).toEqual(load('triage-utf8.csv').train.map((r) => r.id))
  })
})

describe('totals', () => {
  it('every row read is kept or counted', () => {
    const size = fc.record({
      a: fc.integer({ min: 2, max: 30 }),
      b: fc.integer({ min: 2, max: 30 }),
      c: fc.integer({ min: 2, max: 30 }),
    })
    const methods = fc.constantFrom<BalanceMethod>('none', 'weight', 'downsample', 'upsample')
    fc.assert(
      fc.property(
        size,
        fc.nat(8),
        fc.nat(8),
        fc.nat(3),
        methods,
        fc.boolean(),
        (sizes, repeated, leaked, empty, method, needsValidation) => {
          const base = rows(sizes)
          const test = rows({ a: 3, b: 3, c: 3 }, 1000)
          const train = [
            ...base,
            ...base.slice(0, repeated),
            ...test.slice(0, leaked),
            ...Array.from({ length: empty }, () => ['  ', 'a']),
          ]
          const setup = { train: [write(csv(train))], test: [write(csv(test))], balance: { method }, needsValidation }
          const data = prepare(setup)
          const { summary } = data
          expect(summary).toMatchObject({
            rows: train.length + test.length,
            duplicatesRemoved: Math.min(repeated, base.length),
            leaksRemoved: leaked,
            testRows: 9,
            validationRows: data.validation.length,
          })
          expect(data.validation.length > 0).toBe(needsValidation)
          const kept = base.length - data.validation.length
          if (method === 'downsample') expect(summary.trainRows).toBeLessThanOrEqual(kept)
          else if (method === 'upsample') expect(summary.trainRows).toBeGreaterThanOrEqual(kept)
          else expect(summary.trainRows).toBe(kept)
          expect(Object.values(summary.classes).reduce((x, y) => x + y)).toBe(data.train.length)
          if (method !== 'none') expect(summary.ratioAfter).toBeLessThanOrEqual(1.5 * (1 + 1e-12))
          // The test split is what the file says, whatever happens to the training rows.
          expect(data.test.map((r) => [r.fields.text, r.label])).toEqual(test)
          expect(data.test).toEqual(prepare({ ...setup, balance: { method: 'none' }, needsValidation: false }).test)
          expect(prepare(setup)).toEqual(data)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('balancing leaves test and validation rows of a split untouched', () => {
    const train = [write(csv(rows({ a: 60, b: 20, c: 10 })))]
    const split = { test: 0.2, validation: 0.1 }
    const plain = prepare({ train, split })
    for (const method of ['downsample', 'upsample', 'weight'] as const) {
      const balanced = prepare({ train, split, balance: { method } })
      expect(JSON.stringify(balanced.test)).toBe(JSON.stringify(plain.test))
      expect(JSON.stringify(balanced.validation)).toBe(JSON.stringify(plain.validation))
      expect(balanced.summary.ratioBefore).toBe(6)
      expect(balanced.summary.ratioAfter).toBeLessThanOrEqual(1.5 * (1 + 1e-12))
    }
    expect(plain.summary).toMatchObject({ trainRows: 63, validationRows: 9, testRows: 18, ratioAfter: 6 })
  })

  it('caps training rows a class before balancing', () => {
    const data = prepare({
      train: [write(csv(rows({ a: 40, b: 20, c: 4 })))],
      perClass: 5,
      balance: { method: 'downsample' },
    })
    expect(data.summary).toMatchObject({ classes: { a: 5, b: 5, c: 4 }, ratioBefore: 1.25, ratioAfter: 1.25 })
  })

  it('keeps only the wanted classes, in every split', () => {
    const data = prepare({
      train: [write(csv(rows({ a: 4, b: 3, c: 2 })))],
      test: [write(csv(rows({ a: 1, b: 1, c: 1 }, 500)))],
      labels: ['c', 'a'],
    })
    expect(data.labels).toEqual(['a', 'c'])
    expect(data.summary).toMatchObject({ rows: 12, trainRows: 6, testRows: 2 })
    expect(data.findings).toContainEqual(expect.objectContaining({ kind: 'otherClasses', count: 4, removed: true }))
  })

  it('leaves rows out that are too long, in every split, and counts them', () => {
    const list = rows({ a: 10, b: 10 })
    const long = new Set([list[0][0], list[12][0]])
    const data = prepare(
      { train: [write(csv(list))], test: [write(csv([[`${list[0][0]} more`, 'a'], ...rows({ b: 1 }, 300)]))] },
      { isTooLong: (row) => long.has(row.fields.text) || row.fields.text.endsWith('more') },
    )
    expect(data.summary).toMatchObject({ trainRows: 18, testRows: 1, tooLong: 3 })
  })
})

describe('leaks', () => {
  const train = rows({ a: 10, b: 10 })
  const copies = [train[0], [train[15][0], 'a']] // the second with another class: the question is still known
  const test = [...rows({ a: 2, b: 2 }, 900), ...copies]

  it('are removed from training, or refused with their places', () => {
    const files = { train: [write(csv(train))], test: [write(csv(test))] }
    const data = prepare(files)
    expect(data.summary).toMatchObject({ leaksRemoved: 2, trainRows: 18, testRows: 6 })
    expect(texts(data.train)).not.toContain(train[15][0])
    expect(refusal(() => prepare({ ...files, leaks: 'refuse' }))).toMatchObject({
      code: 'data.leak',
      exit: 4,
      count: 2,
    })
  })

  it('count even when duplicates are kept', () => {
    const data = prepare({ train: [write(csv([...train, train[0]]))], test: [write(csv(test))], duplicates: 'keep' })
    expect(data.summary).toMatchObject({ duplicatesRemoved: 0, leaksRemoved: 3, trainRows: 18 })
  })

  it('between validation and test leave the test rows alone', () => {
    const validation = [...rows({ a: 2, b: 2 }, 700), test[0]]
    const data = prepare({ train: [write(csv(train))], validation: [write(csv(validation))], test: [write(csv(test))] })
    expect(data.summary).toMatchObject({ validationRows: 4, testRows: 6, leaksRemoved: 3 })
  })

  it('never come from a split of one file, even with kept duplicates', () => {
    const data = prepare({
      train: [write(csv([...train, ...train, ...train]))],
      split: { test: 0.3, validation: 0.1 },
      duplicates: 'keep',
    })
    const known = new Set(texts(data.train))
    expect(data.summary.rows).toBe(60)
    expect(data.test.length).toBeGreaterThan(0)
    expect([...data.test, ...data.validation].filter((r) => known.has(r.fields.text))).toEqual([])
  })

  it('that are nearly equal are reported, removed or refused', () => {
    const near = rows({ a: 2, b: 2 }, 900)
    const changed = near.map(([text, label]) => [`${text.toUpperCase()}!`, label])
    const files = { train: [write(csv([...train, ...changed]))], test: [write(csv(near))] }
    const reported = prepare(files)
    expect(reported.summary).toMatchObject({ trainRows: 24, leaksRemoved: 0 })
    expect(reported.findings.find((f) => f.kind === 'nearLeaks')).toMatchObject({ count: 4, removed: false })
    expect(reported.findings.find((f) => f.kind === 'nearLeaks')?.pairs?.[0]).toEqual({
      train: reported.train[20].id,
      other: reported.test[0].id,
      similarity: 1,
    })
    expect(prepare({ ...files, nearLeaks: 'remove' }).summary).toMatchObject({ trainRows: 20, leaksRemoved: 4 })
    expect(refusal(() => prepare({ ...files, nearLeaks: 'refuse' }))).toMatchObject({
      code: 'data.near_leak',
      exit: 4,
      count: 4,
    })
  })

  it('that are nearly equal are also found after a split', () => {
    const twins = train.map(([text, label]) => [`${text} .`, label])
    const pool = { train: [write(csv([...train, ...twins]))], split: { test: 0.3, validation: 0 } }
    const found = prepare(pool).findings.find((f) => f.kind === 'nearLeaks')
    expect(found?.count).toBeGreaterThan(0)
    const removed = prepare({ ...pool, nearLeaks: 'remove' })
    expect(removed.summary.leaksRemoved).toBe(found?.count)
    expect(removed.summary.trainRows + removed.summary.testRows + removed.summary.leaksRemoved).toBe(40)
  })
})

describe('bad input ends with its own named error (exit 3)', () => {
  const good = write(csv(rows({ a: 3, b: 3 })))

  it.each<[string, () => Overrides, Record<string, unknown>]>([
    [
      'a wrong column',
      () => ({ train: [good], columns: { text: 'text', label: 'lable' } }),
      { code: 'data.column_missing', column: 'lable', nearest: 'label', columns: ['text', 'label'] },
    ],
    [
      'a wrong column in JSON',
      () => ({ train: [write('[{"text":"a","category":"b"}]', 'r.json')] }),
      { code: 'data.column_missing', nearest: 'text' },
    ],
    [
      'a column that the recipe forgot',
      () => ({ train: [good], columns: { text: 'text' } }),
      { code: 'data.column_unmapped', missing: ['label'] },
    ],
    [
      'one class only',
      () => ({ train: [write(csv(rows({ a: 5 })))] }),
      { code: 'data.one_class', label: 'a', rows: 5 },
    ],
    [
      'a label in test only',
      () => ({ train: [good], test: [write(csv(rows({ a: 1, bb: 1 }, 50)))] }),
      { code: 'data.label_only_in_test', labels: ['bb'], split: 'test', nearest: 'b' },
    ],
    [
      'a label in validation only',
      () => ({ train: [good], validation: [write(csv(rows({ z: 1 }, 50)))] }),
      { code: 'data.label_only_in_test', split: 'validation' },
    ],
    [
      'an unknown label in the list',
      () => ({ train: [good], labels: ['a', 'B'] }),
      { code: 'data.label_unknown', label: 'B', nearest: 'b' },
    ],
    ['only one wanted class left', () => ({ train: [good], labels: ['a'] }), { code: 'data.one_class' }],
    [
      'all texts blank',
      () => ({
        train: [
          write(
            csv([
              [' ', 'a'],
              ['', 'b'],
            ]),
          ),
        ],
      }),
      { code: 'data.all_empty', rows: 2 },
    ],
    ['all test texts blank', () => ({ train: [good], test: [write(csv([[' ', 'a']]))] }), { code: 'data.all_empty' }],
    ['a header only', () => ({ train: [write('text,label\n')] }), { code: 'data.no_rows' }],
    ['an empty file', () => ({ train: [write('')] }), { code: 'data.empty' }],
    ['a missing file', () => ({ train: [join(folder, 'absent.csv')] }), { code: 'data.file_missing' }],
    ['perClass 0', () => ({ train: [good], perClass: 0 }), { code: 'data.option_invalid', option: 'data.perClass' }],
    [
      'a ratio below 1',
      () => ({ train: [good], balance: { maxRatio: 0.5 } }),
      { code: 'data.option_invalid', option: 'balance.maxRatio' },
    ],
    [
      'shares that leave nothing',
      () => ({ train: [good], split: { test: 0.6, validation: 0.5 } }),
      { code: 'data.option_invalid' },
    ],
    [
      'test given twice',
      () => ({ train: [good], test: [good], split: { test: 0.2, validation: 0 } }),
      { code: 'data.split_conflict' },
    ],
    [
      'classes of one row',
      () => ({ train: [write(csv(rows({ a: 1, b: 1 })))], split: { test: 0.5, validation: 0 } }),
      { code: 'data.class_too_small' },
    ],
    ['test file = training file', () => ({ train: [good], test: [good] }), { code: 'data.no_training_rows', leaks: 6 }],
    [
      'a bad conversation',
      () => ({
        task: 'chat',
        columns: { messages: 'm' },
        train: [write('{"m":[{"role":"user","content":"x"}]}\n', 'r.jsonl')],
      }),
      { code: 'data.messages_invalid', line: 1 },
    ],
  ])('%s', (_name, setup, expected) => {
    expect(refusal(() => prepare(setup()))).toMatchObject({ ...expected, exit: 3 })
  })

  it('refuses augmentation before it reads anything', () => {
    expect(refusal(() => prepare({ train: ['/absent.csv'], balance: { method: 'augment' } }))).toMatchObject({
      code: 'feature.unavailable',
      exit: 2,
    })
  })

  it('has a text in both languages for every code of this area', () => {
    for (const [code, entry] of Object.entries(errorCatalogue)) {
      if (code.startsWith('data.')) expect([3, 4]).toContain(entry.exit)
    }
  })
})

describe('findings', () => {
  it('report blank rows, contradictions, spellings, lost characters and tiny classes', () => {
    const list = [
      ...rows({ 'card lost': 4, 'Card Lost': 4, tiny: 1 }),
      ['', 'tiny'],
      ['same', 'card lost'],
      ['same', 'Card Lost'],
      ['bro\ufffdken', 'card lost'],
    ]
    const data = prepare({ train: [write(csv(list))], split: { test: 0.25, validation: 0 } })
    const kinds = Object.fromEntries(data.findings.map((f) => [f.kind, f]))
    expect(kinds.emptyRows).toMatchObject({ count: 1, removed: true })
    expect(kinds.conflictingLabels).toMatchObject({ count: 2, removed: false })
    expect(kinds.labelVariants).toMatchObject({ labels: [['Card Lost', 'card lost']] })
    expect(kinds.replacementCharacters).toMatchObject({ count: 1, removed: false })
    expect(kinds.smallClasses).toMatchObject({ count: 1, labels: [['tiny']] })
    expect(data.labels).toEqual(['Card Lost', 'card lost', 'tiny'])
  })
})

describe('tasks without classes', () => {
  it('prepare instructions, conversations and plain text without balancing', () => {
    const balance = { method: 'downsample' as const }
    const instruction = prepare({
      task: 'instruction',
      columns: { instruction: 'instruction', input: 'input', output: 'output' },
      train: [write('instruction,output\ndo this,done\nand that,ok\nblank,\n')],
      balance,
    })
    expect(instruction.train[0]).toMatchObject({
      label: null,
      fields: { instruction: 'do this', input: '', output: 'done' },
    })
    expect(instruction.summary).toMatchObject({ rows: 3, trainRows: 2, classes: {}, ratioBefore: 0, ratioAfter: 0 })

    const turn = (user: string, assistant: string) => ({
      messages: [
        { role: 'user', content: user },
        { role: 'assistant', content: assistant },
      ],
    })
    const chat = prepare({
      task: 'chat',
      columns: { messages: 'messages' },
      train: [write([turn('hello', 'hi'), turn('bye', 'see you')].map((t) => JSON.stringify(t)).join('\n'), 'c.jsonl')],
      test: [write(JSON.stringify(turn('hello', 'another answer')), 'c.jsonl')],
      balance,
    })
    expect(chat.summary).toMatchObject({ trainRows: 1, testRows: 1, leaksRemoved: 1 }) // the question is known, the answer differs
    expect(JSON.parse(chat.train[0].fields.messages)).toEqual(turn('bye', 'see you').messages)

    const text = prepare({
      task: 'text',
      columns: { text: 'text' },
      train: [write('one\ntwo\nthree\nfour\nfive\n', 't.txt')],
      split: { test: 0.2, validation: 0 },
      balance,
    })
    expect(text.summary).toMatchObject({ trainRows: 4, testRows: 1, classes: {} })
    expect(text.labels).toEqual([])
  })
})

it('stops between slices when asked', () => {
  const cancel = cancelSource()
  const train = [write(csv(rows({ a: 3000, b: 3000 })))]
  const seen: string[] = []
  expect(
    refusal(() =>
      prepare(
        { train, split: { test: 0.2, validation: 0 } },
        {
          cancel,
          progress: ({ stage }) => {
            seen.push(stage)
            if (stage === 'check') cancel.request()
          },
        },
      ),
    ).code,
  ).toBe('job.cancelled')
  expect(seen).toContain('import')
})
