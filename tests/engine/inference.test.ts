import { describe, expect, it } from 'vitest'
import { argMax, Decoder, type ScoringRow, sampleToken, scoreCandidates } from '../../core/infer/index.ts'
import { cancelSource, neverCancelled, randomStream } from '../../core/kit/index.ts'
import { chain } from '../../core/models/index.ts'
import { logSoftmax, referenceLogits, referenceLogProbs } from '../support/reference-llama.ts'
import { lossAndGradient } from './gradient-support.ts'
import { tinySources, tokens, worst } from './support.ts'

const sources = tinySources()
const base = { ...sources, adapter: null }
const io = { threads: 1, cancel: neverCancelled }

/** Rows whose candidates share a prompt and, some of them, the beginning of the answer; one is a prefix of another. */
function scoringRows(count: number, prompt: readonly number[]): ScoringRow[] {
  return Array.from({ length: count }, (_, r) => {
    const question = [...prompt, ...tokens(2 + ((r * 5) % 17), 'question', r)]
    const stem = tokens(2, 'stem')
    const answers = [[...stem, 40, 2], [...stem, 41, 42, 2], [...stem, 2], tokens(1, 'short'), tokens(6, 'long')]
    return { candidates: answers.map((answer) => ({ ids: [...question, ...answer], scoredFrom: question.length })) }
  })
}

describe('label scoring', () => {
  it.each([
    ['with adapter, common prefix', sources, 9],
    ['base model', base, 9],
    ['nothing in common', sources, 0],
  ])(
    'one tree a row gives the log-probabilities of a full forward pass per candidate: %s',
    async (_name, used, common) => {
      const rows =
        common > 0 ? scoringRows(7, tokens(common, 'prompt')) : [scoringRows(1, [5])[0]!, scoringRows(1, [9])[0]!]
      const scored = await scoreCandidates(used, rows, io)
      for (const [r, row] of rows.entries()) {
        for (const [c, { ids, scoredFrom }] of row.candidates.entries()) {
          const expected = referenceLogProbs(used, ids).slice(scoredFrom)
          expect(scored[r]![c]!.length).toBe(expected.length)
          for (const [i, p] of expected.entries())
            expect(Math.abs(scored[r]![c]![i]! - p)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(p)))
        }
      }
    },
  )

  it('needs several micro-batches for many rows, and reports each row once', async () => {
    const rows = scoringRows(60, tokens(9, 'prompt'))
    let reported = 0
    const scored = await scoreCandidates(sources, rows, { ...io, progress: (done) => (reported = done) })
    expect(reported).toBe(rows.length)
    for (const r of [0, 29, 59]) {
      const { ids, scoredFrom } = rows[r]!.candidates[1]!
      expect(worst(scored[r]![1]!, referenceLogProbs(sources, ids).slice(scoredFrom))).toBeLessThanOrEqual(2e-5)
    }
  })

  it('stops when asked', async () => {
    const cancel = cancelSource()
    cancel.request()
    await expect(scoreCandidates(sources, scoringRows(3, [5, 6]), { ...io, cancel })).rejects.toMatchObject({
      code: 'job.cancelled',
    })
  })
})

describe('decoding over the cache', () => {
  // 64 tokens are one prefill run: below, at, just above the edges, and a rest of one token.
  it.each([1, 2, 63, 64, 65, 66, 127, 128, 129, 130])(
    'prefill of %i tokens, then single steps: logits of a full forward pass',
    async (length) => {
      const ids = tokens(length + 4, 'decode', length)
      const expected = referenceLogits(sources, ids)
      const decoder = await Decoder.open(sources, { capacity: ids.length, threads: 1 })
      try {
        let logits = await decoder.append(ids.slice(0, length), neverCancelled)
        expect(worst(logits, expected[length - 1]!)).toBeLessThanOrEqual(2e-5)
        for (let t = length; t < ids.length; t++) {
          logits = await decoder.append([ids[t]!], neverCancelled)
          expect(decoder.length).toBe(t + 1)
          expect(worst(logits, expected[t]!)).toBeLessThanOrEqual(2e-5)
          expect(argMax(logits)).toBe(argMax(expected[t]!))
        }
      } finally {
        await decoder.close()
      }
    },
  )

  it('appends in pieces of any size, and starts afresh after reset', async () => {
    const ids = tokens(150, 'pieces')
    const expected = referenceLogits(sources, ids)
    const decoder = await Decoder.open(sources, { capacity: 192, threads: 1 })
    try {
      for (const pieces of [[3, 70, 1, 64, 12], [150], [64, 64, 22]]) {
        decoder.reset()
        let at = 0
        for (const n of pieces) {
          const logits = await decoder.append(ids.slice(at, at + n), neverCancelled)
          at += n
          expect(worst(logits, expected[at - 1]!)).toBeLessThanOrEqual(2e-5)
        }
      }
      await expect(decoder.append(tokens(43, 'overflow'), neverCancelled)).rejects.toMatchObject({
        code: 'engine.context_full',
      })
      expect(decoder.length).toBe(150)
    } finally {
      await decoder.close()
    }
  })
})

describe('the context length that a file declares', () => {
  it('drives no allocation: two thousand million positions train, score and decode like 512', async () => {
    const vast = tinySources({ config: { max_position_embeddings: 2_147_483_647 } })
    const rows = scoringRows(2, tokens(9, 'prompt'))
    expect(await scoreCandidates(vast, rows, io)).toEqual(await scoreCandidates(sources, rows, io))
    const decoder = await Decoder.open(vast, { capacity: 70, threads: 1 })
    const ids = tokens(70, 'vast')
    expect(worst(await decoder.append(ids, neverCancelled), referenceLogits(sources, ids)[69]!)).toBeLessThanOrEqual(
      2e-5,
    )
    await decoder.close()
    const sequence = chain(ids.slice(0, 12), 9, 12, 1 / 3)
    const step = { layout: { prefix: 0, bins: 1, binLength: 16, predictions: 3 }, prefix: [], micro: [[[sequence]]] }
    expect(await lossAndGradient(vast, step)).toEqual(await lossAndGradient(sources, step))
  })
})

describe('sampling', () => {
  it('greedy takes the first of the largest', () => {
    expect(sampleToken(Float32Array.of(1, 3, 3, 2), { temperature: 0, topP: 1 }, randomStream(1, 'x'))).toBe(1)
  })

  it('draws with the probabilities of the softmax, top-p cut off', () => {
    const logits = Float32Array.of(2, 1, 0, -1, -30)
    const draw = (topP: number, n: number): number[] => {
      const counts = new Array<number>(logits.length).fill(0)
      const random = randomStream(4, 'draw', topP)
      for (let i = 0; i < n; i++) counts[sampleToken(logits, { temperature: 1, topP }, random)]!++
      return counts
    }
    const n = 40_000
    for (const [id, count] of draw(1, n).entries()) {
      const p = Math.exp(logSoftmax(logits, id))
      expect(Math.abs(count / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n) + 1e-6)
    }
    // 0.644 + 0.237 ≥ 0.8: two tokens stay.
    expect(draw(0.8, 2000).slice(2)).toEqual([0, 0, 0])
    expect(draw(0.8, 2000)[1]).toBeGreaterThan(300)
  })
})
