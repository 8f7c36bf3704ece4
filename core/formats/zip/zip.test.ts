import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { randomStream, sha256 } from '../../kit/index.ts'
import { openZip, printable, writeZip } from './index.ts'
import { rawZip } from './rawZip.testing.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../../../tests/fixtures/zip/${name}`, import.meta.url))
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

async function contents(source: string | Uint8Array): Promise<Record<string, string>> {
  const zip = await openZip(source)
  try {
    const out: Record<string, string> = {}
    for (const entry of zip.entries) out[entry.name] = text(await zip.read(entry))
    return out
  } finally {
    zip.close()
  }
}

describe('reading archives of another implementation', () => {
  const files = {
    'manifest.json': '{"a":1}',
    'data/words.txt': 'alpha beta gamma '.repeat(400),
    '中文/表.txt': '分诊'.repeat(300),
    empty: '',
  }

  it.each(['stored.zip', 'deflated.zip'])('%s', async (name) => {
    expect(await contents(fixture(name))).toEqual(files)
  })

  it('streamed.zip: data descriptors and a folder entry', async () => {
    const inFolder = Object.fromEntries(Object.entries(files).map(([name, value]) => [`folder/${name}`, value]))
    expect(await contents(fixture('streamed.zip'))).toEqual({ 'folder/': '', ...inFolder })
  })

  it('is not taken for canonical', async () => {
    const zip = await openZip(fixture('stored.zip'))
    expect(zip.canonical).toBe(false)
    zip.close()
  })
})

describe('writing', () => {
  it('gives equal bytes for equal input, readable and canonical', async () => {
    const stream = randomStream(1, 'zip')
    const files = Array.from({ length: 20 }, (_, i) => ({
      name: i % 3 ? `folder ${i}/文件-${i}.bin` : `f${i}`,
      data: Uint8Array.from({ length: stream.int(5000) }, () => stream.int(256)),
    }))
    const bytes = await writeZip(files)
    expect(sha256(await writeZip(files))).toBe(sha256(bytes))
    const zip = await openZip(bytes)
    expect(zip.canonical).toBe(true)
    expect(zip.entries.map((entry) => entry.name)).toEqual(files.map((file) => file.name))
    for (const file of files) expect(sha256(await zip.read(zip.find(file.name)!))).toBe(sha256(file.data))
    zip.close()
  })

  it('does not depend on the time zone', async () => {
    const files = [{ name: 'a', data: new Uint8Array(3) }]
    const before = process.env.TZ
    const digests = new Set<string>()
    for (const zone of ['UTC', 'Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati']) {
      process.env.TZ = zone
      digests.add(sha256(await writeZip(files)))
    }
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
    expect(digests.size).toBe(1)
  })

  it('an empty archive survives', async () => {
    expect(await contents(await writeZip([]))).toEqual({})
  })

  it('refuses names that reading would refuse', async () => {
    const data = new Uint8Array(1)
    await expect(writeZip([{ name: '../a', data }])).rejects.toMatchObject({ code: 'format.zip.path_escape' })
    await expect(
      writeZip([
        { name: 'a', data },
        { name: 'A', data },
      ]),
    ).rejects.toMatchObject({ code: 'format.zip.case_collision' })
  })
})

describe('every byte of a canonical archive counts', () => {
  it('each single-byte change is refused or shows in the contents', async () => {
    const files = [
      { name: 'adapter/a.bin', data: Uint8Array.from({ length: 40 }, (_, i) => i) },
      { name: 'm.json', data: new TextEncoder().encode('{}') },
    ]
    const bytes = Buffer.from(await writeZip(files))
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[at] ^= flip
        try {
          await contents(changed)
          accepted.push(at)
        } catch (error) {
          expect(error).toMatchObject({ name: 'AppError' })
        }
      }
    }
    expect(accepted).toEqual([])
  })
})

describe('printable', () => {
  it('shows control and direction characters as escapes and cuts long text', () => {
    expect(printable('a\u001b[31m\u202eb')).toBe('a\\u001b[31m\\u202eb')
    expect(printable('x'.repeat(500))).toHaveLength(120)
  })

  it('an honest hand-made archive is accepted (control of the hostile ones)', async () => {
    expect(
      await contents(
        rawZip([
          { name: 'a', data: 'x' },
          { name: 'b', data: 'yy', deflate: true },
        ]),
      ),
    ).toEqual({
      a: 'x',
      b: 'yy',
    })
  })
})
