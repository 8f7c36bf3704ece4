import { describe, expect, it } from 'vitest'
import { openGguf, openSafetensors } from '../../core/formats/tensors.ts'
import { isAppError } from '../../core/kit/index.ts'
import { concat, u32, u64, utf8, zeros } from '../support/bytes.ts'
import { array, entry, ggufFile, tensorInfo } from '../support/gguf-writer.ts'
import { member, safetensorsFile } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder()
const HUGE = 2 ** 40

/** Files of about 1 kB that claim 2^40 of something. */
const claims: { claim: string; open: (path: string) => unknown; file: Uint8Array }[] = [
  { claim: 'header bytes', open: openSafetensors, file: safetensorsFile('{}', zeros(1000), HUGE) },
  { claim: 'items, range as declared', open: openSafetensors, file: tensor([HUGE], 0, HUGE) },
  { claim: 'items, range small', open: openSafetensors, file: tensor([HUGE], 0, 1000) },
  { claim: 'items by product', open: openSafetensors, file: tensor([2 ** 20, 2 ** 20], 0, HUGE) },
  { claim: 'bytes before the tensor', open: openSafetensors, file: tensor([1000], HUGE, HUGE + 1000) },
  { claim: 'tensors', open: openGguf, file: concat(ggufFile({ tensorCount: HUGE }), zeros(1000)) },
  { claim: 'metadata entries', open: openGguf, file: concat(ggufFile({ entryCount: HUGE }), zeros(1000)) },
  { claim: 'key bytes', open: openGguf, file: gguf(concat(u64(HUGE), utf8('k'))) },
  { claim: 'text bytes', open: openGguf, file: gguf(entry('k', 8, u64(HUGE))) },
  ...[0, 4, 6, 7, 8, 9, 10, 12].map((type) => ({
    claim: `array items of type ${type}`,
    open: openGguf,
    file: gguf(entry('k', 9, array(type, [], HUGE))),
  })),
  { claim: 'inner array items', open: openGguf, file: gguf(entry('k', 9, array(9, [array(0, [], HUGE)]))) },
  { claim: 'dimensions', open: openGguf, file: ggufFile({ tensors: [concat(u64(1), utf8('t'), u32(2 ** 31))] }) },
  { claim: 'items of a tensor', open: openGguf, file: ggufTensor(tensorInfo('t', [HUGE], 0, 0)) },
  { claim: 'blocks of a tensor', open: openGguf, file: ggufTensor(tensorInfo('t', [HUGE], 14, 0)) },
  { claim: 'bytes before a tensor', open: openGguf, file: ggufTensor(tensorInfo('t', [8], 0, HUGE)) },
]

function tensor(shape: number[], begin: number, end: number): Uint8Array {
  return safetensorsFile(`{${member('a', 'U8', shape, begin, end)}}`, zeros(1000))
}

function gguf(bytesOfEntry: Uint8Array): Uint8Array {
  return concat(ggufFile({ entries: [bytesOfEntry] }), zeros(1000))
}

function ggufTensor(info: Uint8Array): Uint8Array {
  return ggufFile({ tensors: [info], data: zeros(1024) })
}

describe('P-12 a declared size never drives an allocation', () => {
  it.each(claims)('2^40 $claim in a 1 kB file: refused in 10 ms, under 2 MB taken', ({ open, file }) => {
    const path = folder.put('claim', file)
    expect(file.byteLength).toBeLessThan(1300)
    // The best of five, because a busy machine may interrupt any one of them.
    let best = { ms: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
    for (let i = 0; i < 5; i++) {
      const before = process.memoryUsage()
      const begin = performance.now()
      let caught: unknown
      try {
        open(path)
      } catch (error) {
        caught = error
      }
      const ms = performance.now() - begin
      expect(isAppError(caught), String(caught)).toBe(true)
      const after = process.memoryUsage()
      const bytes = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed
      best = { ms: Math.min(best.ms, ms), bytes: Math.min(best.bytes, bytes) }
    }
    expect(best.ms).toBeLessThan(10)
    expect(best.bytes).toBeLessThan(2 << 20)
  })
})
