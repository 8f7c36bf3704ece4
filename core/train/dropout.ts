import { randomStream } from '../kit/index.ts'

/**
 * Fills `keep` with 1 (kept) or 0 (dropped, probability `rate`) from the stream that belongs to this place and step:
 * the same arguments give the same mask, so a recompute or a resumed run sees what the first one saw.
 * Probabilities are multiples of 2^-16.
 */
export function fillKeep(keep: Uint8Array, rate: number, seed: number, place: readonly (string | number)[]): void {
  const threshold = Math.round(rate * 65536)
  const random = randomStream(seed, 'dropout', ...place)
  const even = keep.length & ~1
  for (let i = 0; i < even; i += 2) {
    const bits = random.uint32()
    keep[i] = (bits & 0xffff) >= threshold ? 1 : 0
    keep[i + 1] = bits >>> 16 >= threshold ? 1 : 0
  }
  if (even < keep.length) keep[even] = random.uint32() >>> 16 >= threshold ? 1 : 0
}
