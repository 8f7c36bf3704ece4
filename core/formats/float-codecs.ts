/**
 * Conversion of stored numbers to float32. Typed-array views assume a little-endian machine, as do both file formats;
 * every platform that Node supports officially is one, except s390x, which the product does not support.
 */

/** One buffer that a chunk of the file is read into, seen as every item type that a codec needs. */
export interface Scratch {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly f32: Float32Array
  readonly f64: Float64Array
}

/** Makes a scratch buffer; `bytes` is a multiple of 8. */
export function makeScratch(bytes: number): Scratch {
  const buffer = new ArrayBuffer(bytes)
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  }
}

/** How one stored type becomes float32: `blockBytes` stored bytes hold `blockSize` values. */
export interface FloatCodec {
  readonly blockSize: number
  readonly blockBytes: number
  /** Converts the first `blocks` blocks of the scratch buffer into `out` from index `at` on. */
  decode(scratch: Scratch, blocks: number, out: Float32Array, at: number): void
}

/** The float32 value of every float16 bit pattern (IEEE 754 binary16; exact, subnormals included). 256 kB. */
export const float16Values: Float32Array = makeFloat16Values()

function makeFloat16Values(): Float32Array {
  const values = new Float32Array(65536)
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 31) values[bits] = fraction === 0 ? sign * Infinity : NaN
    else if (exponent === 0) values[bits] = sign * fraction * 2 ** -24
    else values[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25)
  }
  return values
}

export const f32Codec: FloatCodec = {
  blockSize: 1,
  blockBytes: 4,
  decode: (scratch, blocks, out, at) => out.set(scratch.f32.subarray(0, blocks), at),
}

export const f16Codec: FloatCodec = {
  blockSize: 1,
  blockBytes: 2,
  decode({ u16 }, blocks, out, at) {
    const table = float16Values
    for (let i = 0; i < blocks; i++) out[at + i] = table[u16[i]]
  },
}

/** bfloat16 is the upper half of a float32, so the conversion is a shift. */
export const bf16Codec: FloatCodec = {
  blockSize: 1,
  blockBytes: 2,
  decode({ u16 }, blocks, out, at) {
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
    for (let i = 0; i < blocks; i++) bits[at + i] = u16[i] << 16
  },
}

/** Rounds to the nearest float32, as IEEE 754 prescribes. */
export const f64Codec: FloatCodec = {
  blockSize: 1,
  blockBytes: 8,
  decode({ f64 }, blocks, out, at) {
    for (let i = 0; i < blocks; i++) out[at + i] = f64[i]
  },
}
