import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../core/contract/errors/index.ts'
import {
  openGguf,
  openSafetensors,
  openTensorFile,
  readShardIndex,
  type TensorSource,
} from '../../core/formats/tensors.ts'
import { isAppError, randomStream } from '../../core/kit/index.ts'
import { refusalOf } from '../support/app-error.ts'
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

/** The error code that one input gives (`none`: read without one) and the milliseconds it took. */
function outcome(open: (path: string) => TensorSource, path: string, input: number): { code: string; ms: number } {
  const begin = performance.now()
  let code = 'none'
  try {
    readAll(open, path)
  } catch (error) {
    if (!isAppError(error)) throw new Error(`input ${input} is not answered by a named error`, { cause: error })
    code = error.code
  }
  return { code, ms: performance.now() - begin }
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
      let { code, ms } = outcome(reader, path, i)
      // On a busy machine a process may be kept waiting; an input that is slow by itself is slow every time.
      for (let again = 0; again < 3 && ms > 500; again++) ms = Math.min(ms, outcome(reader, path, i).ms)
      slowest = Math.max(slowest, ms)
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

describe('P-11 the shard index reader never crashes', () => {
  it(`${COUNT} mutated indexes: only named errors`, () => {
    const shards = Array.from({ length: 30 }, (_, i) => [`model.layers.${i}.weight`, `model-0000${i % 3}.safetensors`])
    const index = { metadata: { total_size: 120, note: [1.5, null, true] }, weight_map: Object.fromEntries(shards) }
    const seed = new TextEncoder().encode(JSON.stringify(index, null, 1))
    const codes = new Map<string, number>()
    for (let i = 0; i < COUNT; i++) {
      const path = folder.put('index', mutate(seed, seed.length, randomStream(11, 'fuzz', 'index', i)))
      const code = refusalOf(() => readShardIndex(path))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(codes.get('none') ?? 0).toBeLessThan(COUNT / 2)
    expect(codes.size).toBeGreaterThan(4)
    expect(codes.has('internal.invariant')).toBe(false)
  })
})
