import { truncateSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bytes, concat, u64, zeros } from '../../../tests/support/bytes.ts'
import { array, entry, ggufFile, goodGguf, str, stringEntry, tensorInfo } from '../../../tests/support/gguf-writer.ts'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { ggufBoolean, ggufNumber, ggufNumbers, ggufString, ggufStrings, openGguf } from './index.ts'

const temp = tempFolder()
/** Written by the gguf reference package. */
const fixture = (name: string) => fileURLToPath(new URL(`../../../tests/fixtures/tensors/${name}`, import.meta.url))
const code = (name: string) => expect.objectContaining({ name: 'AppError', code: name })

describe('openGguf', () => {
  it('reads every metadata type as the reference package wrote it', () => {
    const { metadata, close } = openGguf(fixture('metadata.gguf'))
    close()
    const plain = Object.fromEntries(metadata)
    expect(plain).toMatchObject({
      'general.architecture': 'llama',
      'k.u8': 250,
      'k.i8': -5,
      'k.u16': 65000,
      'k.i16': -30000,
      'k.u32': 4000000000,
      'k.i32': -2000000000,
      'k.f32': Math.fround(1e-5),
      'k.f64': 0.1,
      'k.u64': 2 ** 53 - 1,
      'k.u64.big': 2n ** 64n - 1n,
      'k.i64': -(2 ** 53) + 1,
      'k.i64.big': -(2n ** 63n),
      'k.yes': true,
      'k.no': false,
      'k.text': '文本 and 🙂',
      'k.strings': ['a', '', 'Ġthe', '<|im_end|>', '汉'],
      'k.ints': Int32Array.of(1, -2, 3),
      'k.floats': Float32Array.of(0.5, -1.5),
      'k.bools': [true, false, true],
      'general.alignment': 64,
    })
  })

  it('reads tensors of a file with another alignment, shapes row-major', () => {
    const source = openGguf(fixture('metadata.gguf'))
    expect(source.names()).toEqual(['x.f16', 'x.f64', 'x.i32'])
    expect(source.info('x.f16')).toEqual({ name: 'x.f16', dtype: 'F16', shape: [2, 2, 3], byteLength: 24 })
    source.readFloat32('x.f16').forEach((value, i) => {
      expect(value).toBeCloseTo((i - 6) / 3, 2)
    })
    expect([...source.readFloat32('x.f64')]).toEqual([Math.fround(0.1), Infinity, -0])
    expect([...new Int32Array(source.readBytes('x.i32').buffer)]).toEqual([1, 2, 3])
    expect(() => source.readFloat32('x.i32')).toThrow(code('format.gguf.type_unsupported'))
    expect(() => source.info('y')).toThrow(code('format.tensor_missing'))
    source.close()
  })

  it('opens a file with types that cannot be dequantised and names them when read', () => {
    const source = openGguf(fixture('blocks.gguf'))
    const refused = source.names().filter((name) => {
      try {
        source.readFloat32(name)
        return false
      } catch (error) {
        expect(error).toMatchObject({ code: 'format.gguf.type_unsupported', data: { type: name.slice(7) } })
        return true
      }
    })
    expect(refused.map((name) => name.slice(7))).toEqual([
      'IQ1_S',
      'IQ2_S',
      'IQ2_XS',
      'IQ2_XXS',
      'IQ3_S',
      'IQ3_XXS',
      'IQ4_NL',
      'IQ4_XS',
      'MXFP4',
      'Q2_K',
      'Q3_K',
      'TQ1_0',
      'TQ2_0',
    ])
    // The layout of all 21 types must be right, or the strict layout check would have refused the file.
    expect(source.names().length).toBe(21)
    source.close()
  })

  it('reads version 2, a vocabulary without tensors, scalars and a file without padding at its end', () => {
    const old = openGguf(temp.put('v2', goodGguf(2)))
    expect([old.version, ...old.readFloat32('b')]).toEqual([2, 7, 8, 9, 10])
    old.close()
    const vocabulary = openGguf(temp.put('vocabulary', ggufFile()))
    expect(vocabulary.names()).toEqual([])
    vocabulary.close()
    const scalar = openGguf(temp.put('scalar', ggufFile({ tensors: [tensorInfo('s', [], 0, 0)], data: zeros(4) })))
    expect(scalar.info('s')).toMatchObject({ shape: [], byteLength: 4 })
    scalar.close()
    const padded = openGguf(temp.put('padded', ggufFile({ tensors: [tensorInfo('s', [], 0, 0)], data: zeros(32) })))
    padded.close()
  })

  it('reads texts and arrays that are longer than the read-ahead window, and what follows them', () => {
    const text = 'é'.repeat(700_000)
    const many = Array.from({ length: 60_000 }, (_, i) => `token ${i} ${'x'.repeat(i % 40)}`)
    const numbers = Uint8Array.from({ length: 1_500_000 }, (_, i) => i % 251)
    const file = ggufFile({
      entries: [
        stringEntry('text', text),
        entry('tokens', 9, array(8, many.map(str))),
        entry('numbers', 9, array(0, [numbers], numbers.length)),
        entry('nested', 9, array(9, [array(8, [str('a')]), array(5, [zeros(8)], 2), array(7, [bytes(1)])])),
        stringEntry('empty', ''),
        stringEntry('last', 'end'),
      ],
    })
    const { metadata, close } = openGguf(temp.put('long', file))
    close()
    expect(metadata.get('text') === text).toBe(true)
    expect(metadata.get('tokens')).toEqual(many)
    expect(Buffer.compare(metadata.get('numbers') as Uint8Array, numbers)).toBe(0)
    expect(metadata.get('nested')).toEqual([['a'], Int32Array.of(0, 0), [true]])
    expect(metadata.get('empty')).toBe('')
    expect(metadata.get('last')).toBe('end')
  })

  it('refuses a header beyond 256 MB without reading it', () => {
    // Sparse files of 300 MB: they really have the bytes that they declare.
    for (const value of [
      entry('k', 8, u64(290e6)),
      entry('k', 9, array(0, [], 290e6)),
      entry('k', 9, array(12, [], 36e6)),
    ]) {
      const path = temp.put('sparse', concat(ggufFile({ entries: [value] })))
      truncateSync(path, 300e6)
      const before = process.memoryUsage().arrayBuffers
      expect(() => openGguf(path)).toThrow(code('format.gguf.header_too_large'))
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8e6)
    }
  })
})

describe('metadata by type', () => {
  const metadata = new Map(openMetadata())

  it('gives the value, undefined when absent, an error when it is of another type', () => {
    expect(ggufString(metadata, 'k.text')).toBe('文本 and 🙂')
    expect(ggufNumber(metadata, 'k.u32')).toBe(4000000000)
    expect(ggufBoolean(metadata, 'k.yes')).toBe(true)
    expect(ggufStrings(metadata, 'k.strings')).toHaveLength(5)
    expect(ggufNumbers(metadata, 'k.ints')).toEqual(Int32Array.of(1, -2, 3))
    for (const read of [ggufString, ggufNumber, ggufBoolean, ggufStrings, ggufNumbers]) {
      expect(read(metadata, 'none')).toBeUndefined()
    }
    const wrong = [
      () => ggufString(metadata, 'k.u8'),
      () => ggufNumber(metadata, 'k.u64.big'),
      () => ggufBoolean(metadata, 'k.u8'),
      () => ggufStrings(metadata, 'k.ints'),
      () => ggufStrings(metadata, 'k.bools'),
      () => ggufNumbers(metadata, 'k.strings'),
    ]
    for (const read of wrong) expect(read).toThrow(code('format.gguf.metadata_type'))
  })

  it('takes an empty array of any type as an empty list of strings', () => {
    expect(ggufStrings(new Map([['e', new Int32Array(0)]]), 'e')).toEqual([])
    expect(ggufStrings(new Map([['e', []]]), 'e')).toEqual([])
  })
})

function openMetadata() {
  const source = openGguf(fixture('metadata.gguf'))
  source.close()
  return source.metadata
}
