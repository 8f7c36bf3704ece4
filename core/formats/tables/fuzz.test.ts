import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAppError, type RandomStream, randomStream, systemClock } from '../../kit/index.ts'
import { readTable } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tables-'))
const fixtures = join(import.meta.dirname, '../../../tests/fixtures/tables')
const COUNT = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1000

const TOKENS = [
  '"',
  '""',
  ',',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\\',
  '\\u',
  '\\ud800',
  '\0',
  'null',
  '1e999',
  '\ufeff',
  '\ufffd',
  'PK\x03\x04',
  'PAR1',
  '中',
  '😀',
]
  .map((t) => Buffer.from(t, 'utf8'))
  .concat([Buffer.from([0xff]), Buffer.from([0xfe, 0xff]), Buffer.from([0x81, 0x30]), Buffer.from([0xed, 0xa0, 0x80])])

const json = JSON.stringify(
  [
    { text: '头晕 "a"', label: 'x', n: 1.5 },
    { text: 'b\n', label: 'y', n: [1, { a: null }] },
  ],
  null,
  1,
)
const jsonl = '{"text":"头晕","label":"x"}\n{"text":"b \\u4e2d","label":"y","m":[{"role":"user"}]}\n'

const seeds: Record<string, Buffer> = {
  'utf8.csv': readFileSync(join(fixtures, 'triage-utf8.csv')),
  'gb18030.csv': readFileSync(join(fixtures, 'triage-gb18030.csv')),
  'big5.csv': readFileSync(join(fixtures, 'triage-big5.csv')),
  'utf16.csv': Buffer.from(`\ufeff${readFileSync(join(fixtures, 'triage-utf8.csv'), 'utf8')}`, 'utf16le'),
  'table.tsv': Buffer.from('text\tlabel\nsay "hi"\tx\n"a\tb"\ty\n'),
  'table.json': Buffer.from(json),
  'wrapped.json': Buffer.from(`{"meta":{"a":[1]},"data":${json}}`),
  'table.jsonl': Buffer.from(jsonl),
  'table.txt': Buffer.from('first\r\nsecond 中文\n\nthird'),
}

/** One to eight edits: flip, insert, cut, repeat, overwrite. */
function mutate(bytes: Buffer, random: RandomStream): Buffer {
  let out = Buffer.from(bytes)
  for (let edits = 1 + random.int(8); edits > 0; edits--) {
    const at = random.int(out.length + 1)
    const token = TOKENS[random.int(TOKENS.length)]
    switch (random.int(5)) {
      case 0:
        if (at < out.length) out[at] ^= 1 << random.int(8)
        break
      case 1:
        out = Buffer.concat([out.subarray(0, at), token, out.subarray(at)])
        break
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + random.int(20))])
        break
      case 3:
        out = Buffer.concat([out.subarray(0, at), ...Array<Buffer>(1 + random.int(200)).fill(token), out.subarray(at)])
        break
      default:
        out = out.subarray(0, at)
    }
  }
  return out
}

describe('P-11 table readers never crash or hang', () => {
  it.each(Object.keys(seeds))(`${COUNT} mutations of %s`, (name) => {
    const path = join(folder, name)
    const outcomes = new Map<string, number>()
    for (let i = 0; i < COUNT; i++) {
      writeFileSync(path, mutate(seeds[name], randomStream(i, 'fuzz', name)))
      const start = systemClock.seconds()
      let outcome = 'read'
      try {
        for (const { line, fields } of readTable(path)) {
          if (!(line >= 1) || !Object.values(fields).every((v) => typeof v === 'string' && v.isWellFormed())) {
            throw new Error(`bad record in mutation ${i}`)
          }
        }
      } catch (error) {
        if (!isAppError(error) || error.code.startsWith('internal.')) throw error
        outcome = error.code
      }
      expect(systemClock.seconds() - start, `mutation ${i}`).toBeLessThan(1)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(outcomes.size, 'mutations reach several outcomes').toBeGreaterThan(2)
  })
})
