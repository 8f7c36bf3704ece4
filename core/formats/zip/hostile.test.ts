import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../contract/errors/index.ts'
import { isAppError } from '../../kit/index.ts'
import { openZip, type ZipLimits } from './index.ts'
import { type RawSpec, rawZip } from './rawZip.testing.ts'

const zeros = new Uint8Array(1 << 20)
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

interface Case {
  what: string
  code: string
  zip: () => Uint8Array
  limits?: Partial<ZipLimits>
}

const named = (code: string, ...names: (string | Uint8Array)[]): Case => ({
  what: names.map((name) => JSON.stringify(name)).join(', '),
  code: `format.zip.${code}`,
  zip: () => rawZip(names.map((name) => ({ name, data: 'x' }))),
})
const made = (what: string, code: string, ...specs: RawSpec[]): Case => ({
  what,
  code: `format.zip.${code}`,
  zip: () => rawZip(specs),
})

const a: RawSpec = { name: 'a', data: 'hello' }

const cases: Case[] = [
  named('path_escape', '../outside'),
  named('path_escape', 'adapter/../../outside'),
  named('path_escape', '..\\outside'),
  named('path_absolute', '/etc/passwd'),
  named('path_absolute', 'C:/windows/x'),
  named('path_absolute', 'c:x'),
  named('path_absolute', '\\\\server\\share'),
  named('name_invalid', 'a\\b'),
  named('name_invalid', ''),
  named('name_invalid', './a'),
  named('name_invalid', 'a//b'),
  named('name_invalid', 'a\0.txt'),
  named('name_invalid', 'a\u202etxt.exe'),
  named('name_invalid', 'CON'),
  named('name_invalid', 'adapter/nul.json'),
  named('name_invalid', 'report.html.'),
  named('name_invalid', 'report.html '),
  named('name_invalid', 'file:stream'),
  named('name_invalid', 'e\u0301'),
  named('name_invalid', 'x'.repeat(300)),
  named('name_encoding', bytes(0x61, 0xff, 0xfe)),
  named('duplicate', 'a', 'a'),
  named('case_collision', 'a.txt', 'A.TXT'),
  named('case_collision', 'é', 'É'),
  named('case_collision', 'Dir/a', 'dir/b'),
  named('case_collision', 'a', 'a/b'),
  made('GBK name without the UTF-8 flag', 'name_encoding', { name: '中', flags: 0, data: 'x' }),
  made('symbolic link', 'link', { name: 'a', data: '/etc/passwd', mode: 0o120777 }),
  made('device', 'special_file', { name: 'a', mode: 0o020666 }),
  made('a folder that is a file', 'special_file', { name: 'a/', mode: 0o100644 }),
  made('a folder with data', 'damaged', { name: 'a/', data: 'x', mode: 0o040755 }),
  made('encrypted', 'encrypted', { ...a, flags: 0x801 }),
  made('strong encryption', 'damaged', { ...a, flags: 0x840 }),
  made('unknown flag', 'unsupported', { ...a, flags: 0x820 }),
  made('unknown method', 'unsupported', { ...a, method: 12 }),
  made('zip64 field', 'unsupported', { ...a, extra: bytes(1, 0, 0, 0) }),
  made('second name', 'unsupported', { ...a, extra: bytes(0x75, 0x70, 0, 0) }),
  made('broken extra field', 'damaged', { ...a, extra: bytes(9, 0, 99, 0) }),
  made('entry comment', 'comment', { ...a, comment: 'hidden' }),
  made('stored sizes differ', 'size_lie', { ...a, size: 4 }),
  made('local name differs', 'header_mismatch', { ...a, localName: 'b' }),
  made('local size differs', 'header_mismatch', { ...a, localSize: 9 }),
  made('bytes before the first entry', 'hidden_bytes', { ...a, gap: 7 }),
  made('bytes between entries', 'hidden_bytes', a, { name: 'b', gap: 3 }),
  made('two entries share their data', 'overlap', a, { ...a, name: 'b', sameAs: 0 }),
  made('data reaches into the directory', 'overlap', { ...a, size: 60, compressedSize: 60 }),
  made('data reaches past the end', 'overlap', { ...a, size: 5000, compressedSize: 5000 }),
  made('declares 3 GiB in one entry', 'too_large', { name: 'a', data: zeros, deflate: true, size: 3 * 2 ** 30 }),
  made(
    'declares 5 GiB together',
    'too_large',
    ...Array.from({ length: 6 }, (_, i): RawSpec => ({ name: `f${i}`, deflate: true, size: 0x3ffffff0 })),
  ),
  made('declares 900:1', 'bomb', { name: 'a', data: zeros, deflate: true, size: 512 * 2 ** 20 }),
  {
    what: 'honest bomb, 1000:1',
    code: 'format.zip.bomb',
    zip: () => rawZip([{ name: 'a', data: zeros, deflate: true }]),
    limits: { freeBytes: 1000 },
  },
  {
    what: 'too many entries',
    code: 'format.zip.too_many_entries',
    zip: () => rawZip(Array.from({ length: 11 }, (_, i) => ({ name: `f${i}` }))),
    limits: { maxEntries: 10 },
  },
  { what: 'archive comment', code: 'format.zip.comment', zip: () => rawZip([a], { comment: 'hello' }) },
  {
    what: 'false canonical mark',
    code: 'format.zip.not_canonical',
    zip: () => rawZip([a], { comment: 'canonical-stored-1' }),
  },
  { what: 'bytes behind the end', code: 'format.zip.damaged', zip: () => rawZip([a], { trailing: bytes(0, 1) }) },
  { what: 'fewer entries than counted', code: 'format.zip.damaged', zip: () => rawZip([a], { entryCount: 2 }) },
  {
    what: 'more entries than counted',
    code: 'format.zip.damaged',
    zip: () => rawZip([a, { name: 'b' }], { entryCount: 1 }),
  },
  { what: 'counts 65535 entries', code: 'format.zip.unsupported', zip: () => rawZip([a], { entryCount: 0xffff }) },
  { what: 'directory elsewhere', code: 'format.zip.damaged', zip: () => rawZip([a], { offsetShift: -5 }) },
  { what: 'empty file', code: 'format.zip.not_a_zip', zip: () => new Uint8Array(0) },
  { what: 'not a zip', code: 'format.zip.not_a_zip', zip: () => new TextEncoder().encode('PK\u0003\u0004 not really') },
  { what: 'cut short', code: 'format.zip.not_a_zip', zip: () => rawZip([a]).subarray(0, 50) },
]

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'accepted'
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}

describe('P-14: hostile archives are refused before anything is unpacked', () => {
  it.each(cases)('$code: $what', async ({ code, zip, limits }) => {
    expect(await codeOf(openZip(zip(), limits))).toBe(code)
    expect(errorCatalogue[code]?.exit).toBe(3)
  })

  it('a path that is no file', async () => {
    expect(await codeOf(openZip(join(tmpdir(), 'no-such-archive.zip')))).toBe('format.file_missing')
    expect(await codeOf(openZip(tmpdir()))).toBe('format.not_a_file')
  })
})

describe('lies that only show while unpacking', () => {
  const read = async (spec: RawSpec): Promise<unknown> => {
    const zip = await openZip(rawZip([spec]))
    try {
      return await zip.read(zip.entries[0])
    } finally {
      zip.close()
    }
  }

  it('more bytes than declared: stops at the declared size', async () => {
    const zip = await openZip(rawZip([{ name: 'a', data: zeros, deflate: true, size: 1000 }]))
    let seen = 0
    expect(await codeOf(zip.scan(zip.entries[0], (chunk) => (seen += chunk.length)))).toBe('format.zip.size_lie')
    expect(seen).toBeLessThanOrEqual(1000)
    zip.close()
  })

  it('fewer bytes than declared', async () => {
    expect(await codeOf(read({ name: 'a', data: 'hello', deflate: true, size: 6 }))).toBe('format.zip.size_lie')
  })

  it('bytes behind the deflate stream', async () => {
    expect(await codeOf(read({ name: 'a', data: 'hello', deflate: true, tail: 4 }))).toBe('format.zip.size_lie')
  })

  it('a wrong checksum', async () => {
    expect(await codeOf(read({ name: 'a', data: 'hello', crc: 1 }))).toBe('format.zip.crc')
  })

  it('a broken deflate stream', async () => {
    expect(await codeOf(read({ name: 'a', data: '\u00ff\u00ff\u00ff', method: 8, size: 3 }))).toBe('format.zip.inflate')
  })

  it('an error of the receiver stops the reading and comes back', async () => {
    const zip = await openZip(rawZip([{ name: 'a', data: zeros }]))
    const boom = new Error('disk full')
    await expect(
      zip.scan(zip.entries[0], () => {
        throw boom
      }),
    ).rejects.toBe(boom)
    zip.close()
  })
})
