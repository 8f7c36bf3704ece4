import { describe, expect, it } from 'vitest'
import { randomStream } from '../kit/index.ts'
import { type Matrix, mergeLora } from './index.ts'

function random(rows: number, columns: number, seed: number): Matrix {
  const stream = randomStream(seed, 'merge')
  return { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, () => stream.normal()) }
}

describe('mergeLora', () => {
  it.each([
    [7, 5, 3],
    [1, 9, 1],
    [16, 16, 16],
    [4, 6, 8],
  ])('[%i, %i] with rank %i: nearest float32 of the float64 product', (out, width, rank) => {
    const [weight, a, b] = [random(out, width, 1), random(rank, width, 2), random(out, rank, 3)]
    const scale = 32 / rank
    const merged = mergeLora(weight, a, b, scale)
    for (let o = 0; o < out; o++) {
      for (let i = 0; i < width; i++) {
        let exact = 0
        for (let k = 0; k < rank; k++) exact += b.data[o * rank + k] * a.data[k * width + i]
        exact = weight.data[o * width + i] + scale * exact
        expect(Math.abs(merged[o * width + i] - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -24 + 1e-12)
      }
    }
  })

  it('computes what the unmerged adapter computes: W·x + scale·B·(A·x)', () => {
    const [out, width, rank, scale] = [12, 10, 4, 2]
    const [weight, a, b, x] = [random(out, width, 4), random(rank, width, 5), random(out, rank, 6), random(width, 1, 7)]
    const times = ({ shape: [rows, columns] }: Matrix, data: Float32Array, v: ArrayLike<number>): number[] =>
      Array.from({ length: rows }, (_, r) => {
        let sum = 0
        for (let c = 0; c < columns; c++) sum += data[r * columns + c] * v[c]
        return sum
      })
    const low = times(b, b.data, times(a, a.data, x.data))
    const apart = times(weight, weight.data, x.data).map((y, o) => y + scale * low[o])
    const merged = times(weight, mergeLora(weight, a, b, scale), x.data)
    for (let o = 0; o < out; o++) expect(merged[o]).toBeCloseTo(apart[o], 5)
  })

  it('a zero B changes no bit, and the inputs stay as they are', () => {
    const [weight, a] = [random(6, 5, 8), random(2, 5, 9)]
    const before = weight.data.slice()
    const zero = { shape: [6, 2] as const, data: new Float32Array(12) }
    expect(mergeLora(weight, a, zero, 4)).toEqual(before)
    expect(weight.data).toEqual(before)
  })

  it.each([
    ['A of another width', random(2, 4, 1), random(6, 2, 1)],
    ['B of another height', random(2, 5, 1), random(5, 2, 1)],
    ['ranks that differ', random(3, 5, 1), random(6, 2, 1)],
  ])('refuses %s', (_what, a, b) => {
    expect(() => mergeLora(random(6, 5, 1), a, b, 1)).toThrow('adapter.shape_mismatch')
  })
})
