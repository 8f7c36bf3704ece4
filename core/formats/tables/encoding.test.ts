import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AppError, isAppError } from '../../kit/index.ts'
import { decodedText } from './decode.ts'
import { detectEncoding, readTable, scanTable, TABLE_LIMITS, type TextEncodingName } from './index.ts'
import { memorySource } from './source.ts'

const fixtures = join(import.meta.dirname, '../../../tests/fixtures/tables')
const folder = mkdtempSync(join(tmpdir(), 'tables-'))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function utf16(text: string, order: 'le' | 'be', mark = ''): Uint8Array {
  const bytes = Buffer.from(mark + text, 'utf16le')
  return Uint8Array.from(order === 'be' ? bytes.swap16() : bytes)
}

function decode(bytes: Uint8Array, encoding?: TextEncodingName): string {
  const found = encoding ? { encoding, bomBytes: 0 } : detectEncoding(bytes)
  return [...decodedText(memorySource(bytes), found)].join('')
}

function codeOf(action: () => unknown): AppError {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const rowsOf = (name: string) => [...readTable(join(fixtures, name))]

describe('P-16 encodings are read right or refused', () => {
  const chinese = 'department,ask\r\n心血管科,早上起床头晕，一直没好\r\n神经科,手抖\r\n'

  it.each([
    ['utf-8', utf8(chinese), 0],
    ['utf-8', utf8(`\ufeff${chinese}`), 3],
    ['utf-8', utf8('text,label\na,b\n'), 0],
    ['utf-16le', utf16(chinese, 'le', '\ufeff'), 2],
    ['utf-16be', utf16(chinese, 'be', '\ufeff'), 2],
    ['utf-16le', utf16(chinese, 'le'), 0],
    ['utf-16be', utf16(chinese, 'be'), 0],
    ['utf-16le', utf16('text,label\nhello,a\n', 'le'), 0],
    ['utf-16be', utf16('text,label\nhello,a\n', 'be'), 0],
  ] as const)('finds %s and its mark', (encoding, bytes, bomBytes) => {
    expect(detectEncoding(bytes)).toEqual({ encoding, bomBytes })
    expect(decode(bytes)).toMatch(/^(department|text)/)
    expect(decode(bytes)).not.toContain('\ufffd')
  })

  it('reads GB18030 with four-byte characters like its UTF-8 twin', () => {
    expect(scanTable(join(fixtures, 'triage-gb18030.csv')).encoding).toBe('gb18030')
    const rows = rowsOf('triage-gb18030.csv')
    expect(rows).toEqual(rowsOf('triage-utf8.csv'))
    expect(rows[2].fields.ask).toContain('𠮷') // 0x95 0x34 0xB2 0x35
    expect(rows[2].fields.ask).toContain('㐂') // 0x81 0x39 0xEF 0x31
  })

  it('round-trips every two-byte character that other encoders agree on', () => {
    const bytes = readFileSync(join(fixtures, 'gb2312-all.txt'))
    const expected = readFileSync(join(fixtures, 'gb2312-all-utf8.txt'), 'utf8')
    expect(decode(Uint8Array.from(bytes), 'gb18030')).toBe(expected)
  })

  it('reads traditional Chinese in GB18030 and in Big5 like its UTF-8 twin', () => {
    const expected = rowsOf('triage-traditional-utf8.csv')
    expect(rowsOf('triage-traditional-gb18030.csv')).toEqual(expected)
    expect(rowsOf('triage-big5.csv')).toEqual(expected)
    expect(scanTable(join(fixtures, 'triage-big5.csv')).encoding).toBe('big5')
  })

  it('refuses a Western code page instead of showing Chinese characters', () => {
    expect(codeOf(() => rowsOf('western-cp1252.csv'))).toMatchObject({
      code: 'data.encoding.unknown',
      data: { file: 'western-cp1252.csv' },
    })
  })

  it('refuses UTF-32 by name and NUL bytes as binary', () => {
    expect(codeOf(() => detectEncoding(Uint8Array.of(0xff, 0xfe, 0, 0, 97, 0, 0, 0))).code).toBe(
      'data.encoding.unsupported',
    )
    expect(codeOf(() => detectEncoding(Uint8Array.of(97, 0, 0, 0, 98, 200, 1, 2))).code).toBe('data.format_unknown')
    expect(codeOf(() => decode(utf16('a,b\n\0,c\n', 'le', '\ufeff'))).code).toBe('data.format_unknown')
  })

  it('names byte and line of the first bad byte', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('中', 'é', 'a', '\n', '😀'), { maxLength: 80 }), fc.nat(), (chars, pick) => {
        const at = pick % (chars.length + 1)
        const before = utf8(chars.slice(0, at).join(''))
        const bytes = Uint8Array.from([...before, 0xff, ...utf8(chars.slice(at).join(''))])
        const lines = chars.slice(0, at).filter((c) => c === '\n').length
        expect(codeOf(() => decode(bytes, 'utf-8'))).toMatchObject({
          code: 'data.encoding.invalid',
          data: { position: before.length, line: lines + 1 },
        })
      }),
    )
  })

  it.each<[TextEncodingName, number[], string]>([
    ['utf-8', [0x61, 0xe4, 0xb8], 'cut character'],
    ['utf-8', [0xed, 0xa0, 0x80], 'encoded surrogate'],
    ['utf-8', [0xc0, 0xaf], 'overlong form'],
    ['utf-16le', [0x00, 0xd8, 0x41, 0x00], 'lone surrogate'],
    ['utf-16be', [0x4e], 'odd length'],
    ['gb18030', [0xd6], 'cut pair'],
    ['gb18030', [0x81, 0x30, 0x81], 'cut quadruple'],
    ['gb18030', [0x81, 0x20], 'bad trail byte'],
    ['gb18030', [0xe3, 0x32, 0x9a, 0x36], 'beyond U+10FFFF'],
    ['big5', [0xa4], 'cut pair'],
  ])('refuses malformed %s: %j (%s)', (encoding, bytes) => {
    expect(codeOf(() => decode(Uint8Array.from(bytes), encoding)).code).toBe('data.encoding.invalid')
  })

  it('treats mostly good UTF-8 with one bad byte as damaged UTF-8, not as another encoding', () => {
    const bytes = Uint8Array.from([...utf8(chinese), 0xb0, ...utf8(chinese)])
    expect(codeOf(() => decode(bytes))).toMatchObject({
      code: 'data.encoding.invalid',
      data: { encoding: 'utf-8', position: utf8(chinese).length, line: 4 },
    })
  })

  it('never cuts a character between chunks', () => {
    const unit: Record<TextEncodingName, { bytes: number[]; text: string }> = {
      'utf-8': { bytes: [...utf8('中😀')], text: '中😀' },
      'utf-16le': { bytes: [...utf16('中😀', 'le')], text: '中😀' },
      'utf-16be': { bytes: [...utf16('中😀', 'be')], text: '中😀' },
      gb18030: { bytes: [0xd6, 0xd0, 0x95, 0x34, 0xb2, 0x35], text: '中𠮷' },
      big5: { bytes: [0xa4, 0xa4, 0xa4, 0xe5], text: '中文' },
    }
    for (const [encoding, { bytes, text }] of Object.entries(unit) as [TextEncodingName, (typeof unit)['big5']][]) {
      const wide = encoding.startsWith('utf-16')
      for (const shift of wide ? [0, 2, 4] : [0, 1, 2, 3]) {
        const count = Math.ceil((2 * TABLE_LIMITS.chunk) / bytes.length) + 3
        const head = wide ? utf16('x'.repeat(shift / 2), encoding.slice(6) as 'le' | 'be') : utf8('x'.repeat(shift))
        const all = new Uint8Array(head.length + count * bytes.length)
        all.set(head)
        for (let i = 0; i < count; i++) all.set(bytes, head.length + i * bytes.length)
        const expected = 'x'.repeat(wide ? shift / 2 : shift) + text.repeat(count)
        expect(decode(all, encoding) === expected, `${encoding} shifted by ${shift}`).toBe(true)
      }
    }
  })

  it('obeys an encoding that the caller insists on', () => {
    const path = join(folder, 'insist.csv')
    writeFileSync(path, readFileSync(join(fixtures, 'triage-big5.csv')))
    expect(codeOf(() => [...readTable(path, { encoding: 'utf-8' })]).code).toBe('data.encoding.invalid')
    expect([...readTable(path, { encoding: 'big5' })]).toHaveLength(3)
  })
})
