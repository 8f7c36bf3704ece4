import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../../kit/index.ts'
import { readTable } from './index.ts'
import { readJson } from './json.ts'
import { readJsonLines } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'tables-'))
let files = 0

function read(content: string, name: 'rows.json' | 'rows.jsonl'): unknown {
  const path = join(folder, `${files++}-${name}`)
  writeFileSync(path, content)
  try {
    return [...readTable(path)]
  } catch (error) {
    if (isAppError(error)) return { code: error.code, ...error.data }
    throw error
  }
}

const row = (line: number, fields: Record<string, string>) => ({ line, fields })

/** What a cell should be, said with nothing but JSON.parse and JSON.stringify. */
const cell = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)

function chunked(text: string, step: number): string[] {
  return Array.from({ length: Math.ceil(text.length / step) }, (_, i) => text.slice(i * step, (i + 1) * step))
}

describe('JSON and JSONL', () => {
  it('reads an array of objects and knows each row’s line', () => {
    expect(read('[\n  {"text": "a",\n   "n": 1},\n  {"text": "b", "n": null}\n]\n', 'rows.json')).toEqual([
      row(2, { text: 'a', n: '1' }),
      row(4, { text: 'b', n: '' }),
    ])
  })

  it('reads the rows of {data: […]} and passes over its other members', () => {
    const text = '{"version": {"data": [1, 2]}, "data": [{"a": "x"}, {"a": "y"}], "end": true}'
    expect(read(text, 'rows.json')).toEqual([row(1, { a: 'x' }), row(1, { a: 'y' })])
  })

  it('keeps numbers as they are written and lists as JSON', () => {
    expect(read('{"id": 12345678901234567890, "price": 1.50, "tags": [1.0, "x"], "ok": true}', 'rows.jsonl')).toEqual([
      row(1, { id: '12345678901234567890', price: '1.50', tags: '[1.0,"x"]', ok: 'true' }),
    ])
  })

  it.each([
    ['rows.json', '[{"a":1},]', { code: 'data.json.invalid', line: 1 }],
    ['rows.json', '[{"a":1}\n{"a":2}]', { code: 'data.json.invalid', line: 2 }],
    ['rows.json', '[{"a":1}]]', { code: 'data.json.invalid' }],
    ['rows.json', '[\n{"a":1},\n{"a":', { code: 'data.json.invalid' }],
    ['rows.json', '[{"a":01}]', { code: 'data.json.invalid', line: 1 }],
    ['rows.json', '[\n1, 2]', { code: 'data.json.not_object', line: 2 }],
    ['rows.json', '[[{"a":1}]]', { code: 'data.json.not_object' }],
    ['rows.json', '{"rows": [{"a":1}]}', { code: 'data.json.not_table' }],
    ['rows.json', '{"data": {"a":1}}', { code: 'data.json.not_table' }],
    ['rows.json', '{"a":1}\n{"a":2}\n', { code: 'data.json.not_table' }],
    ['rows.json', '"text"', { code: 'data.json.not_table' }],
    ['rows.json', '[]', { code: 'data.no_rows' }],
    ['rows.json', '{"data": []}', { code: 'data.no_rows' }],
    ['rows.json', '[{"a":1,"a":2}]', { code: 'data.json.duplicate_key', line: 1 }],
    ['rows.json', '[{"__proto__":{"x":1}}]', { code: 'data.header.reserved' }],
    ['rows.json', `[{"a":${'['.repeat(100_000)}`, { code: 'data.json.too_deep', limit: 64 }],
    ['rows.jsonl', `{"a":1}\n${'{"a":'.repeat(100_000)}`, { code: 'data.json.too_deep', line: 2 }],
    ['rows.jsonl', '{"a":1}\n{"a":}\n', { code: 'data.json.invalid', line: 2 }],
    ['rows.jsonl', '{"a":1}\n\n{"a":2} {"a":3}\n', { code: 'data.json.invalid', line: 3 }],
    ['rows.jsonl', '{"a":1}\n[1]\n', { code: 'data.json.not_object', line: 2 }],
    ['rows.jsonl', '{"a":1}\n7\n', { code: 'data.json.not_object', line: 2 }],
    ['rows.jsonl', '{"a":1,"a":1}\n', { code: 'data.json.duplicate_key', line: 1 }],
    ['rows.jsonl', '{"a":"\\ud83d"}\n', { code: 'data.text.lone_surrogate', line: 1 }],
    ['rows.jsonl', `{"a":"${'x'.repeat(1_000_001)}"}\n`, { code: 'data.cell_too_large', line: 1, column: 'a' }],
    ['rows.jsonl', `{"a":1}\n{"a":"${'x'.repeat(17_000_000)}"}\n`, { code: 'data.cell_too_large', line: 2 }],
    ['rows.json', `[{"a":"${'x'.repeat(17_000_000)}"}]\n`, { code: 'data.cell_too_large', line: 1 }],
    ['rows.json', `[{"a":[${'1,'.repeat(9_000_000)}1]}]\n`, { code: 'data.row_too_large', line: 1 }],
  ] as const)('refuses %s %.40j by name', (name, text, error) => {
    expect(read(text, name)).toMatchObject(error)
  })

  it('agrees with JSON.parse for any objects, layout and chunks', () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
      .filter((k) => k.trim() === k && k !== '' && k !== '__proto__')
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.jsonValue({ maxDepth: 3 }),
    )
    const table = fc.array(fc.dictionary(key, value, { minKeys: 1, maxKeys: 5 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(0, 1, 2),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (rows, indent, step, wrapped) => {
          const plain = JSON.parse(JSON.stringify(rows)) as Record<string, unknown>[]
          const expected = plain.map((r) => Object.fromEntries(Object.entries(r).map(([k, v]) => [k, cell(v)])))
          const text = JSON.stringify(wrapped ? { meta: [rows], data: rows, after: 1 } : rows, null, indent)
          expect([...readJson(chunked(text, step), 'f')].map((r) => r.fields)).toEqual(expected)
          const lines = rows.map((r) => JSON.stringify(r)).join('\r\n\n')
          expect([...readJsonLines(chunked(lines, step), 'f')]).toEqual(
            expected.map((fields, i) => ({ line: 2 * i + 1, fields })),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
