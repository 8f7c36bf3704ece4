import { describe, expect, it } from 'vitest'
import { isAppError, randomStream } from '../../kit/index.ts'
import { openZip, writeZip } from './index.ts'
import { rawZip } from './rawZip.testing.ts'

const COUNT = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1000

/** Opens and unpacks everything; true when accepted, false when refused by name, throws on any other ending. */
async function survives(bytes: Uint8Array): Promise<boolean> {
  try {
    const zip = await openZip(bytes, { maxTotalBytes: 1 << 22 })
    try {
      for (const entry of zip.entries) await zip.read(entry)
    } finally {
      zip.close()
    }
    return true
  } catch (error) {
    if (!isAppError(error) || !error.code.startsWith('format.zip.')) throw error
    return false
  }
}

describe('fuzz', () => {
  it(`${COUNT} mutated archives end accepted or named, never otherwise`, async () => {
    const seeds = [
      rawZip([
        { name: 'a.txt', data: 'hello '.repeat(50), deflate: true },
        { name: 'b/c.bin', data: Uint8Array.from({ length: 200 }, (_, i) => i * 7) },
        { name: 'd/', mode: 0o040755 },
      ]),
      Buffer.from(await writeZip([{ name: 'manifest.json', data: Buffer.from('{"x":[1,2,3]}') }])),
    ]
    let refused = 0
    for (let i = 0; i < COUNT; i++) {
      const stream = randomStream(i, 'zip-fuzz')
      let bytes = Buffer.from(seeds[i % 2])
      for (let k = stream.int(6) + 1; k > 0; k--) bytes = Buffer.from(mutate(bytes, stream))
      if (!(await survives(bytes))) refused++
    }
    expect(refused).toBeGreaterThan(COUNT * 0.8)
  })
})

function mutate(bytes: Buffer, stream: ReturnType<typeof randomStream>): Buffer {
  const at = stream.int(bytes.length || 1)
  switch (stream.int(6)) {
    case 0: // flip a bit
      if (bytes.length) bytes[at] ^= 1 << stream.int(8)
      return bytes
    case 1: // an extreme 32-bit value anywhere
      if (at + 4 <= bytes.length) bytes.writeUInt32LE([0, 1, 0xffffffff, 0x7fffffff][stream.int(4)], at)
      return bytes
    case 2: // an extreme 16-bit value near the end, where the records are
      if (bytes.length > 80) bytes.writeUInt16LE([0, 0xffff, 0x8000][stream.int(3)], bytes.length - 2 - stream.int(78))
      return bytes
    case 3: // cut
      return bytes.subarray(0, at)
    case 4: // insert
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([stream.int(256)]), bytes.subarray(at)])
    default: {
      // copy a stretch over another
      const length = stream.int(40)
      bytes.copyWithin(stream.int(bytes.length || 1), at, at + length)
      return bytes
    }
  }
}
