import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../core/contract/errors/index.ts'
import { openGguf, openSafetensors, openTensorFile, type TensorSource } from '../../core/formats/tensors.ts'
import { isAppError, randomStream } from '../../core/kit/index.ts'
import { goodGguf } from '../support/gguf-writer.ts'
import { goodSafetensors } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { mutate } from './mutate.ts'

const COUNT = process.env['AIRLOCK_TEST_FULL'] === '1' ? 20_000 : 1000
const folder = tempFolder()
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../fixtures/tensors/${name}`, import.meta.url)))

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Opens, lists and reads everything, as a loader would. */
function readAll(open: (path: string) => TensorSource, path: string): void {
  const source = open(path)
  try {
    for (const name of source.names()) {
      const { byteLength } = source.info(name)
      expect(source.readBytes(name).byteLength).toBe(byteLength)
      try {
        source.readFloat32(name)
      } catch (error) {
        if (!isAppError(error) || !/unsupported$/.test(error.code)) throw error
      }
    }
  } finally {
    source.close()
  }
}

describe.each([
  {
    format: 'safetensors',
    open: openSafetensors,
    seeds: [goodSafetensors(), fixture('dtypes.safetensors'), fixture('blocks.values.safetensors')],
    hot: 1500,
  },
  {
    format: 'gguf',
    open: openGguf,
    seeds: [goodGguf(), fixture('metadata.gguf'), fixture('llama.Q4_1.gguf'), fixture('blocks.gguf')],
    hot: 1500,
  },
] as const)('P-11 the $format reader never crashes, hangs or balloons', ({ format, open, seeds, hot }) => {
  it(`${COUNT} mutated files: only named errors, none over 1 s, memory growth within 64 MB`, () => {
    for (const seed of seeds) readAll(open, folder.put('seed', seed))
    collectGarbage()
    const before = process.resourceUsage().maxRSS
    const codes = new Map<string, number>()
    let slowest = 0
    for (let i = 0; i < COUNT; i++) {
      const random = randomStream(11, 'fuzz', format, i)
      const path = folder.put('mutated', mutate(seeds[random.int(seeds.length)], hot, random))
      const reader = random.int(4) === 0 ? openTensorFile : open
      const begin = performance.now()
      let code = 'none'
      try {
        readAll(reader, path)
      } catch (error) {
        if (!isAppError(error)) throw new Error(`input ${i} is not answered by a named error`, { cause: error })
        code = error.code
      }
      slowest = Math.max(slowest, performance.now() - begin)
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (i % 50 === 49) collectGarbage()
    }
    const unknown = [...codes.keys()].filter((code) => code !== 'none' && !(code in errorCatalogue))
    expect(unknown).toEqual([])
    expect(codes.has('internal.invariant')).toBe(false)
    // The damage must be real and varied, or this test would prove nothing.
    expect(codes.get('none') ?? 0).toBeLessThan(COUNT / 2)
    expect(codes.size).toBeGreaterThan(15)
    expect(slowest).toBeLessThan(1000)
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(64)
  })
})
