import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { encodeSafetensors, openSafetensors } from './index.ts'

const folder = tempFolder()
/** Written by the format's reference library; `<type>.values` are its own conversions to float32. */
const fixture = fileURLToPath(new URL('../../../tests/fixtures/tensors/dtypes.safetensors', import.meta.url))
const code = (name: string) => expect.objectContaining({ name: 'AppError', code: name })

describe('openSafetensors', () => {
  it.each(['F64', 'F32', 'F16', 'BF16'])('reads %s as the reference library converts it, bit for bit', (dtype) => {
    const source = openSafetensors(fixture)
    expect(source.info(dtype)).toMatchObject({ name: dtype, dtype, shape: [8, 9] })
    const values = source.readFloat32(dtype)
    const expected = source.readFloat32(`${dtype}.values`)
    expect(values.length).toBe(72)
    for (let i = 0; i < 72; i++) expect(Object.is(values[i], expected[i]), `${dtype} ${i}`).toBe(true)
    source.close()
  })

  it('reads integers, booleans and narrow floats as bytes, and refuses them as float32', () => {
    const source = openSafetensors(fixture)
    expect([...new Int32Array(source.readBytes('I32').buffer)]).toEqual([0, 3, 6, 9, 12])
    expect([...new BigInt64Array(source.readBytes('I64').buffer)]).toEqual([0n, 3n, 6n, 9n, 12n])
    expect([...new Int16Array(source.readBytes('I16').buffer)]).toEqual([0, 3, 6, 9, 12])
    expect([...source.readBytes('U8')]).toEqual([0, 3, 6, 9, 12])
    expect([...source.readBytes('BOOL')]).toEqual([1, 0, 1])
    for (const dtype of ['I8', 'U8', 'I16', 'U16', 'I32', 'U32', 'I64', 'U64', 'BOOL', 'F8_E4M3', 'F8_E5M2', 'C64']) {
      expect(source.info(dtype).dtype).toBe(dtype)
      expect(() => source.readFloat32(dtype)).toThrow(code('format.safetensors.dtype_unsupported'))
    }
    source.close()
  })

  it('lists names sorted, scalars, empty tensors and metadata', () => {
    const source = openSafetensors(fixture)
    expect(source.names()).toEqual([...source.names()].sort())
    expect(source.names()).toContain('名称 "quoted"\\')
    expect(source.info('scalar')).toEqual({ name: 'scalar', dtype: 'F32', shape: [], byteLength: 4 })
    expect([...source.readFloat32('scalar')]).toEqual([2.5])
    expect(source.info('empty').shape).toEqual([0, 4])
    expect(source.readFloat32('empty').length).toBe(0)
    expect(source.readBytes('empty').length).toBe(0)
    expect([...source.metadata]).toEqual([['format', 'pt']])
    expect(() => source.info('toString')).toThrow(code('format.tensor_missing'))
    expect(() => source.readBytes('nothing')).toThrow(code('format.tensor_missing'))
    source.close()
  })

  it('fills a given array, also one in the middle of a larger one, and refuses one of another length', () => {
    const source = openSafetensors(fixture)
    const large = new Float32Array(100).fill(7)
    for (const dtype of ['F32', 'F16']) {
      const target = large.subarray(10, 82)
      expect(source.readFloat32(dtype, target)).toBe(target)
      expect([...target]).toEqual([...source.readFloat32(dtype)])
      expect([large[9], large[82]]).toEqual([7, 7])
    }
    expect(() => source.readFloat32('F32', new Float32Array(71))).toThrow(code('internal.invariant'))
    source.close()
  })

  it.each(['F16', 'BF16', 'F64'])('reads %s in chunks without a seam', (dtype) => {
    const items = 2_500_003 // more than one scratch buffer, and no multiple of it
    const width = dtype === 'F64' ? 8 : 2
    const data = dtype === 'F64' ? Float64Array.from({ length: items }, (_, i) => i) : patterns(items)
    const bytes = encodeSafetensors([{ name: 't', dtype, shape: [items], data }])
    const source = openSafetensors(folder.put('large', bytes))
    expect(source.info('t').byteLength).toBe(items * width)
    const values = source.readFloat32('t')
    const small = openSafetensors(
      folder.put('one', encodeSafetensors([{ name: 't', dtype, shape: [1], data: data.subarray(0, 1) }])),
    )
    expect(values[0]).toBe(small.readFloat32('t')[0])
    // Every 1000th pattern repeats, so each part of the file must convert alike.
    for (let i = 1000; i < items; i++) {
      const expected = dtype === 'F64' ? i : values[i % 1000]
      if (values[i] !== expected) expect(values[i], `item ${i}`).toBe(expected)
    }
    source.close()
    small.close()
  })
})

/** Finite float16 and bfloat16 patterns with a period of 1000. */
function patterns(items: number): Uint16Array {
  return Uint16Array.from({ length: items }, (_, i) => 0x3c00 + (i % 1000))
}
