import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../../kit/index.ts'
import { readCsv } from './csv.ts'
import { detectDelimiter, inspectTable, openTable, readTable, type TableOptions } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tables-'))
let files = 0

function write(content: string | Uint8Array, name = 'table.csv'): string {
  const path = join(folder, `${files++}-${name}`)
  writeFileSync(path, content)
  return path
}

/** Rows, or the error's code and facts. */
function read(content: string | Uint8Array, name?: string, options?: TableOptions): unknown {
  try {
    return [...readTable(write(content, name), options)]
  } catch (error) {
    if (isAppError(error)) return { code: error.code, ...error.data }
    throw error
  }
}

const row = (line: number, fields: Record<string, string>) => ({ line, fields })

describe('CSV and TSV', () => {
  it('reads quotes, embedded separators and line breaks, and knows the line where a row begins', () => {
    const text = 'text,label\r\n"a, ""b""",x\r\n"two\r\nlines\nthree",y\r\n\r\nplain,z'
    expect(read(text)).toEqual([
      row(2, { text: 'a, "b"', label: 'x' }),
      row(3, { text: 'two\r\nlines\nthree', label: 'y' }),
      row(7, { text: 'plain', label: 'z' }),
    ])
  })

  it('accepts LF, CRLF and CR line ends, also mixed', () => {
    expect(read('a,b\n1,2\r\n3,4\r5,6\n')).toEqual([
      row(2, { a: '1', b: '2' }),
      row(3, { a: '3', b: '4' }),
      row(4, { a: '5', b: '6' }),
    ])
  })

  it.each([
    ['a,b\n1,2\n', ','],
    ['a\tb\n1,5\t2\n', '\t'],
    ['a;b\n1,5;2,5\n3,5;4,5\n', ';'],
    ['a|b|c\n1|2|3\n', '|'],
    ['text,label\n"x;y;z",a\n"p;q;r",b\n', ','],
    ['text\nhello there\nagain\n', ','],
    ['a;b;c\n"1,\n2,";3;4\n', ';'],
  ])('finds the separator of %j', (text, delimiter) => {
    expect(detectDelimiter(text).delimiter).toBe(delimiter)
    expect(inspectTable(write(text)).delimiter).toBe(delimiter)
  })

  it.each([
    ['text,label\na,b\nc\n', { code: 'data.csv.ragged', line: 3, expected: 2, found: 1 }],
    ['text,label\n"x\ny",b\nc,d,e\n', { code: 'data.csv.ragged', line: 4, expected: 2, found: 3 }],
    ['text\nwell, yes\n', { code: 'data.csv.ragged', line: 2, expected: 1, found: 2 }],
    ['text,label\na,b\n"open,c\nd,e\n', { code: 'data.csv.unclosed_quote', line: 3 }],
    ['text,label\na,b\n5" screen,c\n', { code: 'data.csv.stray_quote', line: 3 }],
    ['text,label\n"a" b,c\n', { code: 'data.csv.stray_quote', line: 2 }],
    ['text,,label\na,b,c\n', { code: 'data.header.empty', line: 1, column: 2 }],
    ['text,label, text\na,b,c\n', { code: 'data.header.duplicate', line: 1, column: 'text' }],
    ['text,__proto__\na,b\n', { code: 'data.header.reserved', line: 1 }],
    ['\n\ntext,label\n', { code: 'data.no_rows' }],
    ['text,label', { code: 'data.no_rows' }],
    ['', { code: 'data.empty' }],
    ['\ufeff', { code: 'data.empty' }],
    ['\ufeff \r\n\t\n', { code: 'data.empty' }],
    ['a,b\n1,\0\n', { code: 'data.format_unknown', detected: 'binary' }],
    [`${'x,'.repeat(4096)}x\n1\n`, { code: 'data.too_many_columns', line: 1, found: 4097 }],
    [`a,b\n${','.repeat(5000)}\n`, { code: 'data.too_many_columns', line: 2 }],
    [`a,b\n1,${'x'.repeat(1_000_001)}\n`, { code: 'data.cell_too_large', line: 2, column: 'b', limit: 1_000_000 }],
  ])('refuses %j by name', (text, error) => {
    expect(read(text)).toMatchObject(error)
  })

  it('takes a cell of exactly the limit, also in four-byte characters', () => {
    expect(read(`a,b\n1,${'x'.repeat(1_000_000)}\n`)).toHaveLength(1)
    expect(read(`a,b\n1,${'😀'.repeat(500_000)}\n`)).toHaveLength(1)
  })

  it('allows plain quotation marks inside TSV cells', () => {
    expect(read('text\tlabel\nsay "hi" now\tx\n', 't.tsv')).toEqual([row(2, { text: 'say "hi" now', label: 'x' })])
  })

  it('reads plain text as one row a line', () => {
    expect(read('first, line\r\n\r\nsecond\n', 't.txt')).toEqual([
      row(1, { text: 'first, line' }),
      row(3, { text: 'second' }),
    ])
    expect(read(`ok\n${'x'.repeat(1_000_001)}\n`, 't.txt')).toMatchObject({ code: 'data.cell_too_large', line: 2 })
  })

  it('gives back what an RFC 4180 writer wrote, whatever the chunks, with the right lines', () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ',', ';', '"', '\n', '\r\n', ' ', '中', '😀', '\t') }),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    )
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
      )
    const quote = (text: string): string => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 9 }),
        (rows, delimiter, end, step) => {
          fc.pre(rows.every((cells) => cells.every((c) => !c.includes('\0'))))
          const header = rows[0].map((_, i) => `c${i}`)
          let text = header.join(delimiter) + end
          const expected = rows.map((cells) => {
            const line = 1 + (text.match(/\r\n|\r|\n/g)?.length ?? 0)
            text += cells.map(quote).join(delimiter) + end
            return { line, fields: Object.fromEntries(cells.map((c, i) => [`c${i}`, c])) }
          })
          const chunks: string[] = []
          for (let i = 0; i < text.length; ) {
            // A chunk never ends inside a surrogate pair; the decoder sees to that.
            let next = Math.min(text.length, i + step)
            if (next < text.length && (text.charCodeAt(next) & 0xfc00) === 0xdc00) next++
            chunks.push(text.slice(i, next))
            i = next
          }
          const columns: string[] = []
          expect([...readCsv(chunks, { file: 'x.csv', delimiter, looseQuotes: false }, columns)]).toEqual(expected)
          expect(columns).toEqual(header)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('notices when the file changes between looking and reading', () => {
    const path = write('a,b\n1,2\n')
    const table = openTable(path)
    writeFileSync(path, 'a,b\n1,3\n')
    expect(() => [...table.records]).toThrow(/data\.file_changed/)
  })

  it('inspects: columns, sample, digest', () => {
    const path = write('text,label\n1,a\n2,b\n3,c\n')
    expect(inspectTable(path, { sampleRows: 2 })).toMatchObject({
      format: 'csv',
      encoding: 'utf-8',
      columns: ['text', 'label'],
      sample: [row(2, { text: '1', label: 'a' }), row(3, { text: '2', label: 'b' })],
      // printf 'text,label\n1,a\n2,b\n3,c\n' | sha256sum
      sha256: 'df184b38cd58e7b6d9d9b93804226d1ad29e8acf1d8a6f62a4646c922a2c098f',
    })
  })
})

describe('files that are no text table', () => {
  it.each([
    ['sheet.xlsx', 'PK\x03\x04\x14\0\0\0xl/workbook.xml', { code: 'feature.unavailable', feature: 'xlsx' }],
    ['sheet.csv', 'PK\x03\x04\x14\0\0\0xl/worksheets/sheet1.xml', { code: 'feature.unavailable', feature: 'xlsx' }],
    ['files.zip', 'PK\x03\x04\x14\0\0\0readme.txt', { code: 'data.format_unknown', detected: 'zip' }],
    ['rows.parquet', 'PAR1\x15\x04\x15', { code: 'feature.unavailable', feature: 'parquet' }],
    ['old.xls', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0', { code: 'feature.unavailable', feature: 'xls' }],
    ['paper.pdf', '%PDF-1.7\n', { code: 'data.format_unknown', detected: 'pdf' }],
    ['noise.bin', '\x01\x02\x03\0\x05\x06', { code: 'data.format_unknown', detected: 'binary' }],
    ['prose.md', 'Just a sentence without any table.', { code: 'data.format_unknown', detected: 'text' }],
  ])('%s', (name, content, error) => {
    expect(read(Buffer.from(content, 'latin1'), name)).toMatchObject(error)
  })

  it('names missing files and folders', () => {
    expect(() => inspectTable(join(folder, 'absent.csv'))).toThrow(/data\.file_missing/)
    expect(() => inspectTable(folder)).toThrow(/data\.(file_unreadable|empty)/)
  })

  it('finds the format of text without a known ending', () => {
    expect(inspectTable(write('a,b\n1,2\n', 'export.dat')).format).toBe('csv')
    expect(inspectTable(write('[{"a":1}]', 'export.dat')).format).toBe('json')
    expect(inspectTable(write('{"a":1}\n{"a":2}\n', 'export.dat')).format).toBe('jsonl')
  })
})
