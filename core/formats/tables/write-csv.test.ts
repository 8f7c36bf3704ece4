import { Buffer } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { randomStream } from '../../kit/index.ts'
import { encodeCsv, readTable } from './index.ts'

const COUNT = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1000
const folder = tempFolder()
const text = (columns: string[], rows: Record<string, string>[]): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(encodeCsv(columns, rows).bytes)

describe('encodeCsv', () => {
  it('writes RFC 4180 with quotation marks only where they are needed', () => {
    const rows = [
      { a: 'plain', b: 'with, comma' },
      { a: 'say "hi"', b: 'two\nlines' },
      { a: '', b: ' kept ' },
    ]
    expect(text(['a', 'b'], rows)).toBe('a,b\r\nplain,"with, comma"\r\n"say ""hi""","two\nlines"\r\n," kept "\r\n')
  })

  it('keeps cells exactly, formulas and Chinese included, and fills what a row lacks', () => {
    expect(text(['科室', 'x'], [{ 科室: '=1+1' }, { 科室: '心内科', x: '+86', other: 'left out' }])).toBe(
      '科室,x\r\n=1+1,\r\n心内科,+86\r\n',
    )
    expect(text(['toString'], [{}])).toBe('toString\r\n""\r\n')
  })

  it('counts rows and joins what is larger than one batch', () => {
    const cell = 'y'.repeat(300_000)
    const seen: number[] = []
    const { bytes, rows } = encodeCsv(
      ['a'],
      Array.from({ length: 9 }, () => ({ a: cell })),
      (done) => seen.push(done),
    )
    expect({ rows, seen }).toEqual({ rows: 9, seen: [1, 2, 3, 4, 5, 6, 7, 8, 9] })
    expect(Buffer.from(bytes).equals(Buffer.from(`a\r\n${`${cell}\r\n`.repeat(9)}`))).toBe(true)
  })

  it('is read back cell by cell by another reader and by ours', () => {
    const stream = randomStream(1, 'csv')
    const pieces = ['a', '心', '"', ',', ';', '\t', '\n', '\r', '\r\n', ' ', '=', '|', "'", '\\', '𠀀', 'x y', '']
    const cell = (): string => Array.from({ length: stream.int(5) }, () => pieces[stream.int(pieces.length)]).join('')
    const columns = ['text', 'label "x"', 'c,d']
    const rows = Array.from({ length: COUNT }, () => ({
      text: `r${cell()}`,
      'label "x"': cell(),
      'c,d': cell(),
    }))
    const { bytes } = encodeCsv(columns, rows)
    const records = parse(Buffer.from(bytes), { columns: true, record_delimiter: '\r\n' })
    expect(records).toEqual(rows)
    const path = folder.put('rows.csv', bytes)
    expect([...readTable(path)].map(({ fields }) => fields)).toEqual(rows)
  })
})
