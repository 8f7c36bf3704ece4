import { createHash } from 'node:crypto'

/**
 * A seeded stream of random numbers: xoshiro128** (Blackman and Vigna, 2018) seeded from SHA-256 of the seed and the
 * names, so every purpose ("split", "init", "dropout", step 7 …) owns an independent stream that does not move when
 * another purpose draws more or fewer numbers.
 */
export interface RandomStream {
  /** Uniform 32-bit unsigned integer. */
  uint32(): number
  /** Uniform in [0, 1) with 53 random bits. */
  float(): number
  /** Uniform integer in [0, n), without modulo bias; n from 1 to 2^32. */
  int(n: number): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** A new array in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[]
}

/** Opens the stream that belongs to `seed` and these names; equal arguments give an equal stream everywhere. */
export function randomStream(seed: number, ...names: (string | number)[]): RandomStream {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...names]))
    .digest()
  let a = digest.readUInt32LE(0)
  let b = digest.readUInt32LE(4)
  let c = digest.readUInt32LE(8)
  let d = digest.readUInt32LE(12) | 1 // the all-zero state is the one forbidden state

  const uint32 = (): number => {
    const x = Math.imul(b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
  const float = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992
  const int = (n: number): number => {
    const limit = 4294967296 - (4294967296 % n)
    for (;;) {
      const x = uint32()
      if (x < limit) return x % n
    }
  }
  const normal = (): number => {
    const radius = Math.sqrt(-2 * Math.log(1 - float()))
    return radius * Math.cos(2 * Math.PI * float())
  }
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = items.slice()
    for (let i = out.length - 1; i > 0; i--) {
      const j = int(i + 1)
      ;[out[i], out[j]] = [out[j] as T, out[i] as T]
    }
    return out
  }
  return { uint32, float, int, normal, shuffle }
}
