import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskFiles, isAppError, type RandomStream, randomStream } from '../../kit/index.ts'
import { FUZZ_COUNT, inFolder, tree } from '../adapters.testing.ts'
import { extractBundle, inspectBundle, refusalOf, type TrustLookup } from '../index.ts'
import { sampleBundle, unzip, zipCanonically, zipForeign } from './bundle.testing.ts'

/** Changes one bit, or one byte to any other value. */
function flip(bytes: Uint8Array, stream: RandomStream): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const at = stream.int(changed.length)
  changed[at] ^= stream.int(2) ? 1 << stream.int(8) : 1 + stream.int(255)
  return changed
}

/** What inspecting ends with: the verdict, or the code of the error. */
async function outcome(path: string, trust: TrustLookup): Promise<string> {
  try {
    const inspection = await inspectBundle(path, { trust, localFingerprints: [] })
    const refusal = refusalOf(inspection)
    return refusal ? inspection.signature.verdict : 'accepted'
  } catch (error) {
    if (!isAppError(error)) throw error
    return error.code
  }
}

const isRefusal = (result: string): boolean => result === 'altered' || result.startsWith('format.zip.')

describe('P-60: no changed bundle passes', () => {
  it(`${FUZZ_COUNT} random flips anywhere in the file: every one refused as altered or as a broken archive`, () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const original = diskFiles.read(path)
      expect(await outcome(path, trust)).toBe('accepted')
      const tally = new Map<string, number>()
      for (let i = 0; i < FUZZ_COUNT; i++) {
        writeFileSync(path, flip(original, randomStream(i, 'flip')))
        const result = await outcome(path, trust)
        tally.set(result, (tally.get(result) ?? 0) + 1)
      }
      expect([...tally.keys()].filter((result) => !isRefusal(result))).toEqual([])
      expect(tally.get('altered')).toBeGreaterThan(FUZZ_COUNT / 4)
    }))

  it(`${FUZZ_COUNT} flips inside the files, packed again properly: altered, by whatever packer`, () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const original = await unzip(path)
      const names = [...original.keys()]
      for (let i = 0; i < FUZZ_COUNT; i++) {
        const stream = randomStream(i, 'flip inside')
        // Half of the flips hit manifest and signature, where a forger would aim.
        const name = names[stream.int(2) ? stream.int(2) : stream.int(names.length)]
        const files = new Map(original)
        files.set(name, flip(original.get(name) as Uint8Array, stream))
        writeFileSync(path, i % 2 ? await zipCanonically(files) : zipForeign(files))
        expect([i, name, await outcome(path, trust)]).toEqual([i, name, 'altered'])
      }
    }))

  it('one byte in five, first to last: refused, and extracting leaves nothing', () =>
    inFolder(async (folder) => {
      const { path, trust } = await sampleBundle(folder)
      const original = diskFiles.read(path)
      const before = tree(folder)
      for (let at = 0; at < original.length; at += 5) {
        const changed = Uint8Array.from(original)
        changed[at] ^= 1 << (at % 8)
        writeFileSync(path, changed)
        const result = await extract(path, join(folder, 'out'), trust)
        expect([at, result]).toEqual([at, expect.stringMatching(/^(format\.zip|bundle)\./)])
      }
      expect(tree(folder)).toEqual(before)
    }))
})

async function extract(path: string, folder: string, trust: TrustLookup): Promise<string> {
  try {
    await extractBundle(path, { folder, trust, localFingerprints: [] })
    return 'accepted'
  } catch (error) {
    if (!isAppError(error)) throw error
    return error.code
  }
}
