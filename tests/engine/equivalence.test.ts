import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../core/kit/index.ts'
import { chain, packBins, type TokenSequence, tokenRows } from '../../core/models/index.ts'
import { fillKeep, shareRows, type TokenRow } from '../../core/train/index.ts'
import { referenceLogProbs } from '../support/reference-llama.ts'
import { lossAndGradient, type StepCase } from './gradient-support.ts'
import { tinySources, tokens, worst } from './support.ts'

/** Six rows behind one common prompt of 11 tokens, of different lengths, answers and weights. */
const prompt = tokens(11, 'prompt')
const rows: TokenRow[] = [9, 4, 13, 6, 2, 8].map((length, i) => {
  const own = tokens(length, 'row', i)
  own[0] = 3 + i // no accidental longer prefix
  const end = prompt.length + length
  return { ids: Uint32Array.from([...prompt, ...own]), answers: [[end - Math.min(3, length), end]], weight: 1 }
})
const weights = [1, 1, 2, 0.5, 1, 3]
const weighted = rows.map((r, i) => ({ ...r, weight: weights[i]! }))

/** Every row's share of the mean over all answer tokens. */
function normalised(sequences: readonly TokenSequence[]): TokenSequence[] {
  const total = sequences.reduce((sum, s) => sum + s.weight * s.predicted.length, 0)
  return sequences.map((s) => ({ ...s, weight: s.weight / total }))
}

/** One row a bin, nothing shared, one bin a micro-batch: what a plain trainer does. */
function plain(all: readonly TokenRow[]): StepCase {
  const shared = shareRows(all, 'off')
  const sequences = normalised(shared.sequences)
  return {
    layout: { prefix: 0, bins: 1, binLength: 24, predictions: 3 },
    prefix: [],
    micro: sequences.map((s) => [[s]]),
  }
}

/** Prefix computed once, rows packed into bins of 16, all bins in one micro-batch. */
function packed(all: readonly TokenRow[], bins?: number): StepCase {
  const shared = shareRows(all, 'auto')
  const sequences = normalised(shared.sequences)
  const lengths = sequences.map((s) => s.ids.length)
  const placed = packBins(lengths, 16).map((bin) => bin.map((i) => sequences[i]!))
  const perMicro = bins ?? placed.length
  const micro = Array.from({ length: Math.ceil(placed.length / perMicro) }, (_, i) =>
    placed.slice(i * perMicro, (i + 1) * perMicro),
  )
  return {
    layout: { prefix: shared.prefix.length, bins: perMicro, binLength: 16, predictions: 18 },
    prefix: [...shared.prefix],
    micro,
  }
}

describe('one step, computed in different ways', () => {
  const sources = tinySources()
  let plainResult: Awaited<ReturnType<typeof lossAndGradient>>
  let packedResult: Awaited<ReturnType<typeof lossAndGradient>>

  beforeAll(async () => {
    plainResult = await lossAndGradient(sources, plain(weighted))
    packedResult = await lossAndGradient(sources, packed(weighted))
  })

  it('finds the whole common prompt, and rows of one bin really stand beside each other', () => {
    const step = packed(weighted)
    expect(step.layout.prefix).toBe(prompt.length)
    expect(Math.max(...step.micro[0]!.map((bin) => bin.length))).toBeGreaterThan(1)
  })

  it('shared prefix and packed bins give the loss and gradients of one row a bin', () => {
    expect(packedResult.loss).toBeCloseTo(plainResult.loss, 5)
    expect(Math.abs(packedResult.loss - plainResult.loss) / plainResult.loss).toBeLessThanOrEqual(1e-5)
    expect(worst(packedResult.gradient, plainResult.gradient)).toBeLessThanOrEqual(1e-5)
    // Every single matrix, not only the largest ones.
    for (const { offset, size, path, factor } of sources.adapter.layout.tensors) {
      const of = (g: Float32Array): Float32Array => g.subarray(offset, offset + size)
      expect(worst(of(packedResult.gradient), of(plainResult.gradient)), `${path}.${factor}`).toBeLessThanOrEqual(1e-4)
    }
  })

  it('several micro-batches add up to one large batch', async () => {
    const several = await lossAndGradient(sources, packed(weighted, 1))
    expect(packed(weighted, 1).micro.length).toBeGreaterThan(2)
    expect(several.loss).toBeCloseTo(packedResult.loss, 5)
    expect(worst(several.gradient, packedResult.gradient)).toBeLessThanOrEqual(1e-5)
  })

  it('recomputing lower layers changes nothing, wherever the cut lies', async () => {
    for (const topLayers of [1, 2]) {
      const cut = await lossAndGradient(sources, { ...packed(weighted), topLayers })
      expect(cut.loss).toBeCloseTo(packedResult.loss, 6)
      expect(worst(cut.gradient, packedResult.gradient)).toBeLessThanOrEqual(1e-5)
    }
  })

  it('the loss is the weighted mean of −log p of the answer tokens (float64 reference)', () => {
    let sum = 0
    let total = 0
    for (const { ids, answers, weight } of weighted) {
      const logProbs = referenceLogProbs(sources, ids)
      for (const [begin, end] of answers) {
        for (let t = begin; t < end; t++) sum -= weight * logProbs[t]!
        total += weight * (end - begin)
      }
    }
    expect(Math.abs(packedResult.loss - sum / total) / (sum / total)).toBeLessThanOrEqual(1e-5)
  })

  it('row weights count: other weights give another loss', async () => {
    const even = await lossAndGradient(sources, packed(rows))
    expect(Math.abs(even.loss - packedResult.loss)).toBeGreaterThan(1e-3)
  })

  it('the gradient is the slope of the float64 reference loss in random directions', () => {
    const lossAt = (values: Float64Array): number => {
      let sum = 0
      let total = 0
      for (const { ids, answers, weight } of weighted) {
        const logProbs = referenceLogProbs(sources, ids, { values })
        for (let t = answers[0]![0]; t < answers[0]![1]; t++) sum -= weight * logProbs[t]!
        total += weight * (answers[0]![1] - answers[0]![0])
      }
      return sum / total
    }
    const values = Float64Array.from(sources.adapter.values)
    for (let n = 0; n < 4; n++) {
      const random = randomStream(n, 'direction')
      const direction = Float64Array.from(values, () => random.normal())
      const h = 1e-5
      const moved = (by: number): number => lossAt(values.map((v, i) => v + by * direction[i]!))
      const numeric = (moved(h) - moved(-h)) / (2 * h)
      const analytic = packedResult.gradient.reduce((dot, g, i) => dot + g * direction[i]!, 0)
      expect(Math.abs(analytic - numeric) / Math.max(Math.abs(numeric), 0.01)).toBeLessThanOrEqual(1e-4)
    }
  })
})

describe('dropout', () => {
  const sources = tinySources({ dropout: 0.1 })
  const step = packed(rows)

  it('gives the same loss and gradient whether layers are recomputed or not, and again at every call', async () => {
    const all = await lossAndGradient(sources, step)
    for (const topLayers of [1, 2, 3]) {
      const cut = await lossAndGradient(sources, { ...step, topLayers })
      expect(cut.loss).toBeCloseTo(all.loss, 6)
      expect(worst(cut.gradient, all.gradient)).toBeLessThanOrEqual(1e-5)
    }
    expect((await lossAndGradient(sources, step)).gradient).toEqual(all.gradient)
    expect((await lossAndGradient(sources, { ...step, step: 1 })).loss).not.toBe(all.loss)
    expect((await lossAndGradient(sources, { ...step, seed: 6 })).loss).not.toBe(all.loss)
    const without = {
      ...sources,
      adapter: {
        ...sources.adapter,
        layout: { ...sources.adapter.layout, spec: { ...sources.adapter.layout.spec, dropout: 0 } },
      },
    }
    expect((await lossAndGradient(without, step)).loss).not.toBeCloseTo(all.loss, 4)
  })

  it('drops inputs of the adapter alone and scales what it keeps by 1/(1 − rate) (float64 reference)', async () => {
    const ids = tokens(20, 'dropout')
    const layout = { prefix: 0, bins: 1, binLength: 20, predictions: 6 }
    // The last layer computes its output projection and MLP at predicting rows only: row n of the mask is prediction n.
    const predicted = [14, 15, 16, 17, 18, 19]
    const sequence = { ...chain(ids, 0, 0), predicted, weight: 1 / 6 }
    const { loss } = await lossAndGradient(sources, { layout, prefix: [], micro: [[[sequence]]], seed: 5 })
    const { config } = sources
    const T = tokenRows(layout)
    const expected = referenceLogProbs(sources, ids, {
      keep(layer, module) {
        const into = module === 'mlp.down_proj' ? config.ffn : config.hidden
        const isCut = layer === config.layers - 1 && /o_proj|mlp/.test(module)
        const mask = new Uint8Array((isCut ? predicted.length : T) * into)
        fillKeep(mask, 0.1, 5, [0, 0, layer, module])
        if (!isCut) return mask
        const spread = new Uint8Array(T * into).fill(1)
        for (const [n, token] of predicted.entries())
          spread.set(mask.subarray(n * into, (n + 1) * into), (token - 1) * into)
        return spread
      },
    })
    const mean = -predicted.reduce((sum, t) => sum + expected[t]!, 0) / predicted.length
    expect(Math.abs(loss - mean) / mean).toBeLessThanOrEqual(1e-5)
  })

  it('keeps the announced share, independently from place to place', () => {
    for (const [rate, size] of [
      [0.1, 200_001],
      [0.5, 100_000],
      [0.03, 300_000],
    ] as const) {
      const keep = new Uint8Array(size)
      fillKeep(keep, rate, 1, ['a', 0])
      const dropped = keep.reduce((n, k) => n + 1 - k, 0)
      expect(Math.abs(dropped / size - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / size))
      // Neighbours, and halves of one random word, are independent.
      let both = 0
      for (let i = 0; i + 1 < size; i += 2) if (keep[i] === 0 && keep[i + 1] === 0) both++
      const pairs = Math.floor(size / 2)
      expect(Math.abs(both / pairs - rate * rate)).toBeLessThan(5 * Math.sqrt((rate * rate) / pairs))
      const other = new Uint8Array(size)
      fillKeep(other, rate, 1, ['a', 1])
      let shared = 0
      for (let i = 0; i < size; i++) if (keep[i] === 0 && other[i] === 0) shared++
      expect(Math.abs(shared / size - rate * rate)).toBeLessThan(5 * Math.sqrt((rate * rate) / size))
      const again = new Uint8Array(size)
      fillKeep(again, rate, 1, ['a', 0])
      expect(again).toEqual(keep)
    }
  })
})
