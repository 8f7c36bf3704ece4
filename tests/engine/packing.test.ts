import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  batchArrays,
  chain,
  commonPrefix,
  microBatches,
  packBins,
  type TokenSequence,
  tokenRows,
  tokenTree,
} from '../../core/models/index.ts'

const runs = { numRuns: process.env.AIRLOCK_TEST_FULL === '1' ? 5000 : 400, seed: 11 }

describe('packBins', () => {
  it('places every item once, overfills no bin, is deterministic and never far from the optimum', () => {
    const input = fc.integer({ min: 1, max: 40 }).chain((capacity) =>
      fc.record({
        capacity: fc.constant(capacity),
        lengths: fc.array(fc.integer({ min: 0, max: capacity }), { maxLength: 60 }),
      }),
    )
    fc.assert(
      fc.property(input, ({ capacity, lengths }) => {
        const bins = packBins(lengths, capacity)
        expect(bins.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
        const sums = bins.map((bin) => bin.reduce((n, i) => n + lengths[i]!, 0))
        for (const sum of sums) expect(sum).toBeLessThanOrEqual(capacity)
        // First fit: the item that opened a bin fitted into none of the bins before it.
        for (const [j, bin] of bins.entries()) {
          for (const sum of sums.slice(0, j)) expect(sum + lengths[bin[0]!]!).toBeGreaterThan(capacity)
        }
        expect(packBins(lengths, capacity)).toEqual(bins)
      }),
      runs,
    )
  })

  it('stays within 11/9 of a known optimum, plus one bin', () => {
    const capacity = 60
    const fullBin = fc
      .array(fc.integer({ min: 1, max: capacity - 1 }), { maxLength: 4 })
      .map((cuts) => [0, ...cuts.sort((a, b) => a - b), capacity].map((c, i, all) => c - (all[i - 1] ?? 0)).slice(1))
    fc.assert(
      fc.property(fc.array(fullBin, { minLength: 1, maxLength: 25 }), (optimal) => {
        expect(packBins(optimal.flat(), capacity).length).toBeLessThanOrEqual((11 / 9) * optimal.length + 1)
      }),
      runs,
    )
  })

  it('refuses an item that no bin can hold', () => {
    expect(() => packBins([3, 9], 8)).toThrow(/does not fit/)
  })
})

describe('microBatches', () => {
  it('keeps the bins in order and both limits in every micro-batch', () => {
    const input = fc.record({
      predicted: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 50 }),
      sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 }),
      bins: fc.integer({ min: 1, max: 5 }),
      extra: fc.integer({ min: 0, max: 20 }),
    })
    fc.assert(
      fc.property(input, ({ predicted, sizes, bins, extra }) => {
        const all: number[][] = []
        for (let at = 0, n = 0; at < predicted.length; n++) {
          const size = sizes[n % sizes.length]!
          all.push(predicted.slice(at, at + size).map((_, i) => at + i))
          at += size
        }
        const wanted = (bin: readonly number[]): number => bin.reduce((n, i) => n + predicted[i]!, 0)
        const predictions = Math.max(...all.map(wanted)) + extra
        const micro = microBatches(all, predicted, { bins, predictions })
        expect(micro.flat()).toEqual(all)
        for (const [m, batch] of micro.entries()) {
          expect(batch.length).toBeGreaterThan(0)
          expect(batch.length).toBeLessThanOrEqual(bins)
          expect(wanted(batch.flat())).toBeLessThanOrEqual(predictions)
          // A new one begins only when the next bin would not have fitted.
          const next = micro[m + 1]?.[0]
          if (next !== undefined)
            expect(batch.length === bins || wanted(batch.flat()) + wanted(next) > predictions).toBe(true)
        }
      }),
      runs,
    )
  })
})

/** A random sequence: chain or tree. */
const sequence: fc.Arbitrary<TokenSequence> = fc
  .record({
    ids: fc.array(fc.integer({ min: 3, max: 99 }), { minLength: 1, maxLength: 9 }),
    parentSeeds: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
    isTree: fc.boolean(),
    predictedSeeds: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    weight: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ ids, parentSeeds, isTree, predictedSeeds, weight }) => {
    const parents = isTree ? ids.map((_, i) => (parentSeeds[i]! % (i + 1)) - 1) : null
    return { ids, parents, predicted: ids.flatMap((_, i) => (predictedSeeds[i] ? [i] : [])), weight }
  })

describe('batchArrays', () => {
  it('masks, positions and targets equal a brute-force walk up the ancestors', () => {
    const input = fc.record({
      P: fc.integer({ min: 1, max: 5 }),
      bins: fc.array(fc.array(sequence, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      spareBins: fc.integer({ min: 0, max: 2 }),
      start: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(input, ({ P, bins, spareBins, start }) => {
        const S = 2 + Math.max(...bins.map((bin) => bin.reduce((n, s) => n + s.ids.length, 0)))
        const wanted = bins.flat().reduce((n, s) => n + s.predicted.length, 0)
        const layout = { prefix: P, bins: bins.length + spareBins, binLength: S, predictions: wanted + 1 }
        const prefix = Array.from({ length: P }, (_, i) => 100 + i)
        const batch = batchArrays(layout, prefix, bins, start)
        expect(batch.tokens.length).toBe(tokenRows(layout))
        checkPrefix(batch, prefix)

        const predictions: { row: number; target: number; weight: number }[] = []
        for (let b = 0; b < layout.bins; b++) {
          const owner: { sequence: TokenSequence; index: number; at: number }[] = []
          for (const s of bins[b] ?? []) {
            const at = owner.length
            for (let index = 0; index < s.ids.length; index++) owner.push({ sequence: s, index, at })
          }
          for (let q = 0; q < S; q++) {
            const query = owner[q]
            const seen = new Set<number>([q])
            if (query !== undefined) for (const i of ancestors(query.sequence, query.index)) seen.add(query.at + i)
            for (let k = 0; k < S; k++) expect(batch.binMask[(b * S + q) * S + k] === 0).toBe(seen.has(k))
            const row = P + b * S + q
            expect(batch.tokens[row]).toBe(query === undefined ? 0 : query.sequence.ids[query.index])
            if (query !== undefined)
              expect(Number(batch.positions[row])).toBe((start ?? P) + ancestors(query.sequence, query.index).length)
          }
          for (const s of bins[b] ?? []) {
            const at = owner.findIndex((o) => o.sequence === s)
            for (const token of s.predicted) {
              const parent = s.parents === null ? token - 1 : s.parents[token]!
              predictions.push({
                row: parent < 0 ? P - 1 : P + b * S + at + parent,
                target: Number(s.ids[token]),
                weight: s.weight,
              })
            }
          }
        }
        expect(batch.origin.length).toBe(predictions.length)
        for (const [n, { row, target, weight }] of predictions.entries()) {
          expect([Number(batch.rows[n]), Number(batch.targets[n]), batch.weights[n]]).toEqual([row, target, weight])
          const { sequence: at, token } = batch.origin[n]!
          expect(Number(bins.flat()[at]!.ids[token])).toBe(target)
        }
        expect([...batch.weights.subarray(predictions.length)].every((w) => w === 0)).toBe(true)
      }),
      runs,
    )
  })

  it('refuses what does not fit', () => {
    const layout = { prefix: 0, bins: 1, binLength: 4, predictions: 2 }
    expect(() => batchArrays(layout, [], [[chain([5, 6, 7, 8, 9], 4, 5)]])).toThrow(/overflows/)
    expect(() => batchArrays(layout, [], [[chain([5, 6, 7], 0, 1)]])).toThrow(/no predecessor/)
    expect(() => batchArrays(layout, [], [[chain([5, 6, 7, 8], 1, 4)]])).toThrow(/does not fit/)
    expect(() => batchArrays(layout, [1], [])).toThrow(/layout/)
  })
})

function ancestors({ parents }: TokenSequence, index: number): number[] {
  const found: number[] = []
  for (let at = parents === null ? index - 1 : parents[index]!; at >= 0; at = parents === null ? at - 1 : parents[at]!)
    found.push(at)
  return found
}

function checkPrefix(batch: ReturnType<typeof batchArrays>, prefix: readonly number[]): void {
  const P = prefix.length
  for (let q = 0; q < P; q++) {
    expect([batch.tokens[q], Number(batch.positions[q])]).toEqual([prefix[q], q])
    for (let k = 0; k < P; k++) expect(batch.prefixMask[q * P + k] === 0).toBe(k <= q)
  }
}

describe('tokenTree and commonPrefix', () => {
  const lists = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 7 }), { minLength: 1, maxLength: 8 })

  it('every path spells its list, parents come first, and no two siblings hold the same token', () => {
    fc.assert(
      fc.property(lists, (all) => {
        const tree = tokenTree(all)
        for (const [i, list] of all.entries()) {
          expect(tree.paths[i]!.map((n) => tree.ids[n])).toEqual(list)
          tree.paths[i]!.forEach(
            (n, depth) => void expect(tree.parents[n]).toBe(depth === 0 ? -1 : tree.paths[i]![depth - 1]),
          )
        }
        tree.parents.forEach((parent, n) => void expect(parent).toBeLessThan(n))
        const distinct = new Set(all.flatMap((list) => list.map((_, i) => list.slice(0, i + 1).join())))
        expect(tree.ids.length).toBe(distinct.size)
      }),
      runs,
    )
  })

  it('the common prefix is common and cannot be longer', () => {
    fc.assert(
      fc.property(lists, fc.option(fc.nat({ max: 7 }), { nil: undefined }), (all, limit) => {
        const n = commonPrefix(all, limit)
        expect(n).toBeLessThanOrEqual(limit ?? 99)
        for (const list of all) expect(list.slice(0, n)).toEqual(all[0]!.slice(0, n))
        const longer = n + 1 <= (limit ?? 99) && all.every((l) => l.length > n && l[n] === all[0]![n])
        expect(longer).toBe(false)
      }),
      runs,
    )
  })
})
