import { type FloatCodec, float16Values, type Scratch } from '../float-codecs.ts'

/**
 * Dequantisation of ggml blocks. A block is a few float16 scales and packed small integers; every formula below is
 * exact up to its last operation in float64, so storing into the Float32Array rounds exactly once, as the float32
 * reference does. The loops index typed arrays directly: a model has some 10^8 values.
 * Source of the layouts: ggml, src/ggml-common.h (block_q4_0 …) and src/ggml-quants.c (dequantize_row_*).
 */

function codec(blockSize: number, blockBytes: number, decode: BlockDecoder): FloatCodec {
  return { blockSize, blockBytes, decode: ({ u8 }: Scratch, blocks, out, at) => decode(u8, blocks, out, at) }
}

type BlockDecoder = (u8: Uint8Array, blocks: number, out: Float32Array, at: number) => void

/** 32 values: d, then 16 bytes of two 4-bit numbers (low nibbles first half, high nibbles second): d·(q − 8). */
export const q4_0 = codec(32, 18, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 18, o += 32) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    for (let j = 0; j < 16; j++) {
      const q = u8[p + 2 + j]
      out[o + j] = d * ((q & 15) - 8)
      out[o + j + 16] = d * ((q >> 4) - 8)
    }
  }
})

/** 32 values: d, m, then nibbles as in Q4_0: d·q + m. */
export const q4_1 = codec(32, 20, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 20, o += 32) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    const m = half[u8[p + 2] | (u8[p + 3] << 8)]
    for (let j = 0; j < 16; j++) {
      const q = u8[p + 4 + j]
      out[o + j] = d * (q & 15) + m
      out[o + j + 16] = d * (q >> 4) + m
    }
  }
})

/** 32 values: d, 32 fifth bits (bit i belongs to value i), nibbles: d·(q − 16). */
export const q5_0 = codec(32, 22, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 22, o += 32) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    const high = u8[p + 2] | (u8[p + 3] << 8) | (u8[p + 4] << 16) | (u8[p + 5] << 24)
    for (let j = 0; j < 16; j++) {
      const q = u8[p + 6 + j]
      out[o + j] = d * (((q & 15) | (((high >>> j) & 1) << 4)) - 16)
      out[o + j + 16] = d * (((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16)
    }
  }
})

/** 32 values: d, m, fifth bits and nibbles as in Q5_0: d·q + m. */
export const q5_1 = codec(32, 24, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 24, o += 32) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    const m = half[u8[p + 2] | (u8[p + 3] << 8)]
    const high = u8[p + 4] | (u8[p + 5] << 8) | (u8[p + 6] << 16) | (u8[p + 7] << 24)
    for (let j = 0; j < 16; j++) {
      const q = u8[p + 8 + j]
      out[o + j] = d * ((q & 15) | (((high >>> j) & 1) << 4)) + m
      out[o + j + 16] = d * ((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) + m
    }
  }
})

/** 32 values: d, then 32 signed bytes: d·q. */
export const q8_0 = codec(32, 34, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 34, o += 32) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    for (let j = 0; j < 32; j++) out[o + j] = d * ((u8[p + 2 + j] << 24) >> 24)
  }
})

/**
 * Scale of sub-block j (0 … 7) of Q4_K and Q5_K. Twelve bytes at `p` hold eight 6-bit scales and eight 6-bit minima:
 * bytes 0–3 and 4–7 hold numbers 0–3 of each in their low six bits; numbers 4–7 have their low four bits in bytes
 * 8–11 (scale below, minimum above) and their high two in the top bits of bytes 0–3 and 4–7.
 */
function scaleOf(u8: Uint8Array, p: number, j: number): number {
  return j < 4 ? u8[p + j] & 63 : (u8[p + j + 4] & 15) | ((u8[p + j - 4] >> 6) << 4)
}

function minimumOf(u8: Uint8Array, p: number, j: number): number {
  return j < 4 ? u8[p + j + 4] & 63 : (u8[p + j + 4] >> 4) | ((u8[p + j] >> 6) << 4)
}

/** 256 values in 8 sub-blocks: d, dmin, 12 bytes of scales, 128 bytes of nibbles: d·scale·q − dmin·minimum. */
export const q4_k = codec(256, 144, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 144) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    const dmin = half[u8[p + 2] | (u8[p + 3] << 8)]
    // 32 bytes hold two sub-blocks: the low nibbles one, the high nibbles the next.
    for (let pair = 0; pair < 4; pair++, o += 64) {
      const d1 = d * scaleOf(u8, p + 4, 2 * pair)
      const m1 = dmin * minimumOf(u8, p + 4, 2 * pair)
      const d2 = d * scaleOf(u8, p + 4, 2 * pair + 1)
      const m2 = dmin * minimumOf(u8, p + 4, 2 * pair + 1)
      const nibbles = p + 16 + 32 * pair
      for (let j = 0; j < 32; j++) {
        const q = u8[nibbles + j]
        out[o + j] = d1 * (q & 15) - m1
        out[o + j + 32] = d2 * (q >> 4) - m2
      }
    }
  }
})

/** 256 values as Q4_K with a fifth bit: 32 bytes whose bit k belongs to sub-block k, before the nibbles. */
export const q5_k = codec(256, 176, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 176) {
    const d = half[u8[p] | (u8[p + 1] << 8)]
    const dmin = half[u8[p + 2] | (u8[p + 3] << 8)]
    for (let pair = 0; pair < 4; pair++, o += 64) {
      const d1 = d * scaleOf(u8, p + 4, 2 * pair)
      const m1 = dmin * minimumOf(u8, p + 4, 2 * pair)
      const d2 = d * scaleOf(u8, p + 4, 2 * pair + 1)
      const m2 = dmin * minimumOf(u8, p + 4, 2 * pair + 1)
      const nibbles = p + 48 + 32 * pair
      for (let j = 0; j < 32; j++) {
        const q = u8[nibbles + j]
        const fifth = u8[p + 16 + j] >> (2 * pair)
        out[o + j] = d1 * ((q & 15) | ((fifth & 1) << 4)) - m1
        out[o + j + 32] = d2 * ((q >> 4) | ((fifth & 2) << 3)) - m2
      }
    }
  }
})

/**
 * 256 values in 16 sub-blocks of 16: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, d:
 * d·scale·(q − 32). Each half of 128 values takes 64 low bytes and 32 high bytes, in four runs of 32.
 */
export const q6_k = codec(256, 210, (u8, blocks, out, at) => {
  const half = float16Values
  for (let b = 0, p = 0, o = at; b < blocks; b++, p += 210) {
    const d = half[u8[p + 208] | (u8[p + 209] << 8)]
    for (let part = 0; part < 2; part++, o += 128) {
      const low = p + 64 * part
      const high = p + 128 + 32 * part
      const scales = p + 192 + 8 * part
      for (let j = 0; j < 32; j++) {
        const s = scales + (j >> 4)
        const h = u8[high + j]
        const l1 = u8[low + j]
        const l2 = u8[low + j + 32]
        out[o + j] = d * ((u8[s] << 24) >> 24) * (((l1 & 15) | ((h & 3) << 4)) - 32)
        out[o + j + 32] = d * ((u8[s + 2] << 24) >> 24) * (((l2 & 15) | ((h & 12) << 2)) - 32)
        out[o + j + 64] = d * ((u8[s + 4] << 24) >> 24) * (((l1 >> 4) | (h & 48)) - 32)
        out[o + j + 96] = d * ((u8[s + 6] << 24) >> 24) * (((l2 >> 4) | ((h & 192) >> 2)) - 32)
      }
    }
  }
})
