import { describe, expect, it } from 'vitest'
import { bf16Codec, f16Codec, f64Codec, float16Values, makeScratch } from './float-codecs.ts'

describe('float codecs', () => {
  it('reads every float16 as the JavaScript engine does', () => {
    const view = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(at: number, little: boolean): number }
    for (let bits = 0; bits < 65536; bits++) {
      view.setUint16(0, bits, true)
      expect(Object.is(float16Values[bits], view.getFloat16(0, true)), `0x${bits.toString(16)}`).toBe(true)
    }
  })

  it('reads every bfloat16 as the upper half of a float32, also into a view that does not start at 0', () => {
    const scratch = makeScratch(131072)
    for (let bits = 0; bits < 65536; bits++) scratch.u16[bits] = bits
    const out = new Float32Array(65540).subarray(2, 65539)
    bf16Codec.decode(scratch, 65536, out, 1)
    const view = new DataView(new ArrayBuffer(4))
    for (let bits = 0; bits < 65536; bits++) {
      view.setUint16(2, bits, true)
      expect(Object.is(out[bits + 1], view.getFloat32(0, true)), `0x${bits.toString(16)}`).toBe(true)
    }
    expect(out[0]).toBe(0)
  })

  it('rounds float64 to the nearest float32', () => {
    const scratch = makeScratch(64)
    const values = [0.1, 1e300, -1e-300, 16777217, -0, Number.NaN]
    scratch.f64.set(values)
    const out = new Float32Array(values.length)
    f64Codec.decode(scratch, values.length, out, 0)
    expect([...out]).toEqual(values.map(Math.fround))
  })

  it('writes only the asked-for items', () => {
    const out = new Float32Array(5).fill(9)
    f16Codec.decode(makeScratch(16), 2, out, 1)
    expect([...out]).toEqual([9, 0, 0, 9, 9])
  })
})
