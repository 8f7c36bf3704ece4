import { describe, expect, it } from 'vitest'
import { randomStream } from '../../kit/index.ts'
import { MergeTable, mergeSymbols } from './merge.ts'

/** The definition, word for word: look at all pairs, merge the leftmost of the lowest rank, start again. */
function naive(ids: readonly number[], pairs: readonly [number, number][], result: readonly number[]): number[] {
  const out = [...ids]
  for (;;) {
    let best = -1
    let bestRank = pairs.length
    for (let i = 0; i + 1 < out.length; i++) {
      const rank = pairs.findIndex(([l, r]) => l === out[i] && r === out[i + 1])
      if (rank >= 0 && rank < bestRank) {
        best = i
        bestRank = rank
      }
    }
    if (best < 0) return out
    out.splice(best, 2, result[bestRank] as number)
  }
}

describe('mergeSymbols', () => {
  it('does what the definition says, for short and for long pieces', () => {
    for (let round = 0; round < 300; round++) {
      const random = randomStream(5, 'merge', round)
      const letters = 2 + random.int(3)
      const size = new Map<number, number>(Array.from({ length: letters }, (_, i) => [i, 1]))
      const pairs: [number, number][] = []
      const result: number[] = []
      for (let n = random.int(30); n > 0; n--) {
        const pair: [number, number] = [random.int(size.size), random.int(size.size)]
        if (pairs.some(([l, r]) => l === pair[0] && r === pair[1])) continue
        result.push(size.size)
        pairs.push(pair)
        size.set(size.size, (size.get(pair[0]) as number) + (size.get(pair[1]) as number))
      }
      const table = new MergeTable(Uint32Array.from(pairs.flat()), Uint32Array.from(result))
      const ids = Array.from({ length: random.int(120) }, () => random.int(letters))
      const symbols = { ids: [...ids], starts: ids.map((_, i) => i) }
      mergeSymbols(symbols, table)
      expect(symbols.ids).toEqual(naive(ids, pairs, result))
      // Each token starts where the letters of those before it end.
      let at = 0
      symbols.ids.forEach((id, i) => {
        expect(symbols.starts[i]).toBe(at)
        at += size.get(id) as number
      })
    }
  })

  it('finds every pair of a large table and no other', () => {
    const random = randomStream(6, 'table')
    const pairs = new Map<string, number>()
    while (pairs.size < 5000) pairs.set(`${random.int(40000)},${random.int(40000)}`, pairs.size)
    const flat = Uint32Array.from([...pairs.keys()].flatMap((pair) => pair.split(',').map(Number)))
    const table = new MergeTable(flat, new Uint32Array(pairs.size))
    let rank = 0
    for (const pair of pairs.keys()) {
      const [left, right] = pair.split(',').map(Number) as [number, number]
      expect(table.rank(left, right)).toBe(rank++)
      if (!pairs.has(`${right},${left}`)) expect(table.rank(right, left)).toBe(-1)
    }
  })
})
