import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../core/contract/errors/index.ts'
import { openGguf, openSafetensors } from '../../core/formats/tensors.ts'
import { refusalOf } from '../support/app-error.ts'
import { goodGguf } from '../support/gguf-writer.ts'
import { goodSafetensors } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ggufMakers } from './gguf-makers.ts'
import { safetensorsMakers } from './safetensors-makers.ts'

const folder = tempFolder()

describe.each([
  { format: 'safetensors', makers: safetensorsMakers, open: openSafetensors, good: goodSafetensors },
  { format: 'gguf', makers: ggufMakers, open: openGguf, good: goodGguf },
] as const)('P-10 hostile $format files', ({ format, makers, open, good }) => {
  it('accepts the good file that the hostile ones are variations of', () => {
    const source = open(folder.put('good', good()))
    expect([...source.readFloat32('a'), ...source.readFloat32('b')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(source.info('a').shape).toEqual([2, 3])
    source.close()
  })

  it('has at least 25 makers', () => {
    expect(makers.length).toBeGreaterThanOrEqual(25)
    expect(new Set(makers.map(({ name }) => name)).size).toBe(makers.length)
  })

  it.each(makers)('$name → $code', ({ code, make }) => {
    const path = folder.put('hostile', make())
    expect(refusalOf(() => open(path))).toBe(code)
  })

  it('has a maker for every error of the reader', () => {
    const made = new Set(makers.map(({ code }) => code))
    const elsewhere = format === 'gguf' ? GGUF_ELSEWHERE : SAFETENSORS_ELSEWHERE
    const codes = Object.keys(errorCatalogue).filter((code) => code.startsWith(`format.${format}.`))
    expect(codes.filter((code) => !made.has(code) && !elsewhere.test(code))).toEqual([])
  })
})

/** Errors that need something else than one small file; `shards.test.ts` and the tests beside the readers have them. */
const SAFETENSORS_ELSEWHERE =
  /\.(?:dtype_unsupported|folder_without_weights|index_.*|shard_.*|too_many_shards|total_size)$/
const GGUF_ELSEWHERE = /\.(?:legacy|metadata_type|header_too_large)$/
