import { type CancelToken, randomStream } from '../kit/index.ts'

/**
 * Search for nearly equal texts across two lists: character n-grams, MinHash signatures in bands (Broder 1997; Leskovec,
 * Rajaraman, Ullman, "Mining of Massive Datasets", ch. 3) to find candidates, then the exact Jaccard similarity.
 * 16 bands of 4 find a pair at the threshold of 0.8 with probability 1 − (1 − 0.8⁴)¹⁶ = 0.9998.
 */
export const NEAR_THRESHOLD = 0.8
const BANDS = 16
const ROWS = 4
const HASHES = BANDS * ROWS
/** A long text is represented by its smallest n-gram hashes, an unbiased sample (bottom-k sketch). */
const MAX_SHINGLES = 4096
/** n-gram length: ideographs carry more than letters. */
const GRAM_IDEOGRAPH = 2
const GRAM_LETTER = 4

export interface NearPair {
  /** Index into the first and the second list. */
  readonly a: number
  readonly b: number
  readonly similarity: number
}

/**
 * For each text of `a` the first text of `b` that is at least 0.8 similar to it. Case, width, spaces and punctuation do not
 * count. Works for any script; memory grows with `b` only. `progress` gets texts of `a` done.
 */
export function findNearPairs(
  a: readonly string[],
  b: readonly string[],
  io: { cancel: CancelToken; progress?: (done: number, total: number) => void },
): NearPair[] {
  const index = buildIndex(b, io.cancel)
  const stamps = new Int32Array(b.length).fill(-1)
  const pairs: NearPair[] = []
  for (let i = 0; i < a.length; i++) {
    if (i % 64 === 0) io.cancel.throwIfRequested()
    if (i % 1024 === 0) io.progress?.(i, a.length)
    const pair = nearestOf(i, shingles(a[i]), index, stamps)
    if (pair) pairs.push(pair)
  }
  return pairs
}

interface Index {
  readonly sets: readonly Uint32Array[]
  /** One table a band: band hash → indices with that band, ascending. */
  readonly bands: readonly Map<number, number[]>[]
}

function buildIndex(texts: readonly string[], cancel: CancelToken): Index {
  const bands = Array.from({ length: BANDS }, () => new Map<number, number[]>())
  const sets = texts.map((text, i) => {
    if (i % 64 === 0) cancel.throwIfRequested()
    const set = shingles(text)
    if (set.length === 0) return set
    bandHashes(set).forEach((hash, band) => {
      const bucket = bands[band].get(hash)
      if (bucket) bucket.push(i)
      else bands[band].set(hash, [i])
    })
    return set
  })
  return { sets, bands }
}

function nearestOf(i: number, set: Uint32Array, index: Index, stamps: Int32Array): NearPair | null {
  if (set.length === 0) return null
  const hashes = bandHashes(set)
  for (let band = 0; band < BANDS; band++) {
    for (const candidate of index.bands[band].get(hashes[band]) ?? []) {
      if (stamps[candidate] === i) continue
      stamps[candidate] = i
      const similarity = jaccard(set, index.sets[candidate], NEAR_THRESHOLD)
      if (similarity >= NEAR_THRESHOLD) return { a: i, b: candidate, similarity }
    }
  }
  return null
}

/** Letters and digits of a text, lower case, compatibility forms folded (full width → half width). */
export function normaliseForComparison(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '')
}

/** Sorted distinct hashes of the character n-grams of a text; the whole text when it is shorter than one n-gram. */
export function shingles(text: string): Uint32Array {
  const plain = normaliseForComparison(text)
  if (plain === '') return new Uint32Array(0)
  const hashes = new Set<number>()
  for (let at = 0; at < plain.length; at++) {
    const width = isIdeograph(plain.charCodeAt(at)) ? GRAM_IDEOGRAPH : GRAM_LETTER
    if (at + width > plain.length) {
      if (hashes.size === 0) hashes.add(hashOf(plain, 0, plain.length))
      continue
    }
    hashes.add(hashOf(plain, at, at + width))
  }
  const sorted = Uint32Array.from(hashes).sort()
  return sorted.length > MAX_SHINGLES ? sorted.slice(0, MAX_SHINGLES) : sorted
}

/** CJK ideographs, kana and Hangul; surrogates count too (rare ideographs, emoji). */
function isIdeograph(unit: number): boolean {
  return (unit >= 0x3040 && unit <= 0x9fff) || (unit >= 0xac00 && unit <= 0xdfff) || (unit >= 0xf900 && unit <= 0xfaff)
}

/** FNV-1a over UTF-16 code units with Murmur3's finaliser, 32 bits. */
function hashOf(text: string, from: number, to: number): number {
  let h = 0x811c9dc5
  for (let i = from; i < to; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const stream = randomStream(0, 'minhash')
const FACTOR = Uint32Array.from({ length: HASHES }, () => stream.uint32() | 1)
const OFFSET = Uint32Array.from({ length: HASHES }, () => stream.uint32())
const minima = new Uint32Array(HASHES)

/** One 32-bit hash a band from the MinHash signature of a set. */
function bandHashes(set: Uint32Array): number[] {
  minima.fill(0xffffffff)
  for (const x of set) {
    for (let k = 0; k < HASHES; k++) {
      const h = (Math.imul(x, FACTOR[k]) + OFFSET[k]) >>> 0
      if (h < minima[k]) minima[k] = h
    }
  }
  return Array.from({ length: BANDS }, (_, band) => {
    let h = band
    for (let r = 0; r < ROWS; r++) h = Math.imul(h ^ minima[band * ROWS + r], 0x9e3779b1) ^ (h >>> 15)
    return h
  })
}

/**
 * |a ∩ b| / |a ∪ b| of sorted sets; for cut sets estimated on the smallest hashes of the union. Gives 0 as soon as the result
 * must stay below `atLeast`: that needs |a ∩ b| ≥ t / (1 + t) · (|a| + |b|), so only few elements may lack a partner.
 */
export function jaccard(a: Uint32Array, b: Uint32Array, atLeast = 0): number {
  const cut = a.length === MAX_SHINGLES || b.length === MAX_SHINGLES
  const total = a.length + b.length
  const limit = cut ? MAX_SHINGLES : total
  // Elements without a partner that the threshold allows; the small slack keeps rounding on the safe side.
  let spare = cut ? Number.POSITIVE_INFINITY : total - (2 * atLeast * total) / (1 + atLeast) + 1e-6
  let common = 0
  let union = 0
  let i = 0
  let j = 0
  while (union < limit && (i < a.length || j < b.length)) {
    union++
    if (i < a.length && j < b.length && a[i] === b[j]) {
      common++
      i++
      j++
      continue
    }
    if (--spare < 0) return 0
    if (j >= b.length || (i < a.length && a[i] < b[j])) i++
    else j++
  }
  return union === 0 ? 0 : common / union
}
