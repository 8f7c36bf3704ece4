/** Open-addressing hash table from a pair of token ids to the rank of its merge; typed arrays, no boxing. */
export class MergeTable {
  readonly result: Uint32Array
  readonly #left: Int32Array
  readonly #right: Int32Array
  readonly #rank: Int32Array
  readonly #mask: number

  /** `pairs` holds left and right ids by rank, `result` the merged id by rank. */
  constructor(pairs: Uint32Array, result: Uint32Array) {
    let size = 16
    while (size < result.length * 2) size *= 2
    this.result = result
    this.#left = new Int32Array(size).fill(-1)
    this.#right = new Int32Array(size)
    this.#rank = new Int32Array(size)
    this.#mask = size - 1
    for (let rank = 0; rank < result.length; rank++) {
      const left = pairs[2 * rank] as number
      const right = pairs[2 * rank + 1] as number
      let slot = hash(left, right) & this.#mask
      while (this.#left[slot] !== -1) slot = (slot + 1) & this.#mask
      this.#left[slot] = left
      this.#right[slot] = right
      this.#rank[slot] = rank
    }
  }

  /** Rank of the merge of two neighbours, smaller is earlier; -1 when they do not merge. */
  rank(left: number, right: number): number {
    let slot = hash(left, right) & this.#mask
    for (;;) {
      const l = this.#left[slot]
      if (l === -1) return -1
      if (l === left && this.#right[slot] === right) return this.#rank[slot] as number
      slot = (slot + 1) & this.#mask
    }
  }
}

function hash(left: number, right: number): number {
  let h = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  h ^= h >>> 15
  return Math.imul(h, 0x2c1b3c6d) >>> 0
}

/** Symbols of one piece: token ids and where each starts in the piece. Both shrink in place as pairs merge. */
export interface Symbols {
  ids: number[]
  starts: number[]
}

/** Above this many symbols a heap beats looking at every pair again. */
const SCAN_LIMIT = 32

/** Applies the merges, lowest rank first and leftmost among equals, until no pair merges. */
export function mergeSymbols(symbols: Symbols, table: MergeTable): void {
  if (symbols.ids.length <= SCAN_LIMIT) scan(symbols, table)
  else merge(symbols, table)
}

function scan({ ids, starts }: Symbols, table: MergeTable): void {
  const ranks: number[] = []
  for (let i = 0; i + 1 < ids.length; i++) ranks.push(table.rank(ids[i] as number, ids[i + 1] as number))
  for (;;) {
    let best = -1
    let bestRank = 0x7fffffff
    for (let i = 0; i < ranks.length; i++) {
      const rank = ranks[i] as number
      if (rank >= 0 && rank < bestRank) {
        best = i
        bestRank = rank
      }
    }
    if (best < 0) return
    ids[best] = table.result[bestRank] as number
    ids.splice(best + 1, 1)
    starts.splice(best + 1, 1)
    ranks.splice(best, 1)
    if (best > 0) ranks[best - 1] = table.rank(ids[best - 1] as number, ids[best] as number)
    if (best < ranks.length) ranks[best] = table.rank(ids[best] as number, ids[best + 1] as number)
  }
}

/** Positions stay below 2^24 (see limits), ranks below 2^22, so a packed key is an exact double. */
const POSITIONS = 2 ** 26

/** Doubly linked list of symbols with a heap of candidate merges: O(n log n) for a piece of any length. */
function merge(symbols: Symbols, table: MergeTable): void {
  const n = symbols.ids.length
  const ids = Int32Array.from(symbols.ids)
  const next = new Int32Array(n)
  const previous = new Int32Array(n)
  // Rank of the pair that starts at a position; a heap entry that disagrees with it is stale.
  const ranks = new Int32Array(n).fill(-1)
  const heap = new MinHeap(3 * n)
  const offer = (left: number): void => {
    const right = next[left] as number
    const rank = right < n ? table.rank(ids[left] as number, ids[right] as number) : -1
    ranks[left] = rank
    if (rank >= 0) heap.push(rank * POSITIONS + left)
  }
  for (let i = 0; i < n; i++) {
    next[i] = i + 1
    previous[i] = i - 1
  }
  for (let i = 0; i < n; i++) offer(i)
  while (heap.size > 0) {
    const key = heap.pop()
    const rank = Math.floor(key / POSITIONS)
    const left = key - rank * POSITIONS
    if (ranks[left] !== rank) continue
    const right = next[left] as number
    const after = next[right] as number
    ids[left] = table.result[rank] as number
    ranks[right] = -1
    next[left] = after
    if (after < n) previous[after] = left
    offer(left)
    if ((previous[left] as number) >= 0) offer(previous[left] as number)
  }
  const outIds: number[] = []
  const outStarts: number[] = []
  for (let i = 0; i < n; i = next[i] as number) {
    outIds.push(ids[i] as number)
    outStarts.push(symbols.starts[i] as number)
  }
  symbols.ids = outIds
  symbols.starts = outStarts
}

/** Binary min-heap of doubles with fixed capacity. */
class MinHeap {
  size = 0
  readonly #keys: Float64Array

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity)
  }

  push(key: number): void {
    const keys = this.#keys
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((keys[parent] as number) <= key) break
      keys[at] = keys[parent] as number
      at = parent
    }
    keys[at] = key
  }

  pop(): number {
    const keys = this.#keys
    const top = keys[0] as number
    const last = keys[--this.size] as number
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.size) break
      if (child + 1 < this.size && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= last) break
      keys[at] = keys[child] as number
      at = child
    }
    keys[at] = last
    return top
  }
}
