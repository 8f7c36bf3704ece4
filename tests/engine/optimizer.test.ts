import { describe, expect, it } from 'vitest'
import { randomStream } from '../../core/kit/index.ts'
import {
  adamW,
  adapterState,
  clipFactor,
  gradientNorm,
  learningRateAt,
  type ScheduleSettings,
  warmupSteps,
} from '../../core/train/index.ts'

describe('schedule', () => {
  const settings = (kind: ScheduleSettings['kind'], steps: number, warmup: number): ScheduleSettings => ({
    kind,
    steps,
    warmup,
    learningRate: 1,
  })
  const table = (s: ScheduleSettings): number[] => Array.from({ length: s.steps }, (_, k) => learningRateAt(s, k))
  const same = (actual: readonly number[], expected: readonly number[]): void => {
    expect(actual.length).toBe(expected.length)
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 14)
  }

  // Cosines of the sixths and eighths of half a turn, in roots: nothing here is computed by a cosine.
  const r2 = Math.SQRT2
  const c8 = Math.sqrt(2 + r2) / 2
  const s8 = Math.sqrt(2 - r2) / 2
  const r3 = Math.sqrt(3) / 2

  it('cosine: two warm-up steps of ten, then half a cosine', () => {
    const tail = [1, c8, r2 / 2, s8, 0, -s8, -r2 / 2, -c8].map((c) => (1 + c) / 2)
    same(table(settings('cosine', 10, 2)), [0.5, 1, ...tail])
    same(table(settings('cosine', 10, 0.2)), [0.5, 1, ...tail])
  })

  it('cosine: a warm-up of no share is one step', () => {
    same(table(settings('cosine', 7, 0)), [1, ...[1, r3, 0.5, 0, -0.5, -r3].map((c) => (1 + c) / 2)])
  })

  it('linear and constant', () => {
    same(table(settings('linear', 8, 3)), [1 / 3, 2 / 3, 1, 1, 0.8, 0.6, 0.4, 0.2])
    same(table(settings('linear', 5, 0.1)), [1, 1, 0.75, 0.5, 0.25])
    same(table(settings('constant', 4, 0.5)), [0.5, 1, 1, 1])
  })

  it('warm-up: a share up to 1, a number of steps above', () => {
    expect([0, 0.1, 0.125, 0.5, 1, 2, 7].map((warmup) => warmupSteps(settings('cosine', 20, warmup)))).toEqual([
      1, 2, 3, 10, 20, 2, 7,
    ])
  })

  it('never leaves [0, 1], whatever the warm-up', () => {
    for (const kind of ['cosine', 'linear', 'constant'] as const) {
      for (const warmup of [0, 0.3, 1, 5, 50]) {
        for (const lr of table(settings(kind, 12, warmup))) expect(lr >= 0 && lr <= 1).toBe(true)
      }
    }
  })
})

/** AdamW as in the paper (algorithm 2 of Loshchilov and Hutter): bias-corrected moments written out, all in float64. */
class PaperAdamW {
  readonly m: Float64Array
  readonly v: Float64Array
  readonly values: Float64Array
  t = 0
  constructor(values: ArrayLike<number>) {
    this.values = Float64Array.from(values)
    this.m = new Float64Array(values.length)
    this.v = new Float64Array(values.length)
  }

  step(gradient: ArrayLike<number>, lr: number, decay: number): void {
    this.t++
    for (let i = 0; i < this.values.length; i++) {
      this.m[i] = 0.9 * this.m[i]! + 0.1 * gradient[i]!
      this.v[i] = 0.999 * this.v[i]! + 0.001 * gradient[i]! ** 2
      const mHat = this.m[i]! / (1 - 0.9 ** this.t)
      const vHat = this.v[i]! / (1 - 0.999 ** this.t)
      this.values[i] = this.values[i]! - lr * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * this.values[i]!)
    }
  }
}

describe('AdamW', () => {
  const random = randomStream(1, 'adamw')
  const start = Float32Array.from({ length: 300 }, () => random.normal())

  it.each([0, 0.01, 0.3])('follows the paper over 60 steps, weight decay %d', (weightDecay) => {
    const state = adapterState(start.slice())
    const paper = new PaperAdamW(start)
    for (let step = 0; step < 60; step++) {
      const learningRate = 0.01 * (1 + Math.sin(step))
      // Gradients of very different sizes, some of them zero.
      state.gradient.set(start.map((_, i) => (i % 7 === 0 ? 0 : random.normal() * 10 ** ((i % 9) - 6))))
      const scale = step % 3 === 0 ? 0.25 : 1
      paper.step(
        state.gradient.map((g) => g * scale),
        learningRate,
        weightDecay,
      )
      adamW(state, { learningRate, weightDecay, gradientScale: scale, count: step + 1 })
    }
    for (let i = 0; i < start.length; i++) {
      expect(Math.abs(state.values[i]! - paper.values[i]!)).toBeLessThanOrEqual(
        3e-6 * Math.max(1, Math.abs(paper.values[i]!)),
      )
    }
  })

  it('decay is decoupled: without a gradient values shrink by exactly 1 − lr·decay a step, and moments stay zero', () => {
    const state = adapterState(Float32Array.of(1, -2, 0.5))
    for (let step = 1; step <= 20; step++)
      adamW(state, { learningRate: 0.1, weightDecay: 0.2, gradientScale: 1, count: step })
    const factor = 0.98 ** 20
    expect(state.values[0]).toBeCloseTo(factor, 6)
    expect(state.values[1]).toBeCloseTo(-2 * factor, 6)
    expect([...state.firstMoment, ...state.secondMoment]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('the first step moves every value by the learning rate against the sign of its gradient', () => {
    const state = adapterState(Float32Array.of(0, 0, 0))
    state.gradient.set([1e-3, -50, 0])
    adamW(state, { learningRate: 0.01, weightDecay: 0, gradientScale: 1, count: 1 })
    expect(state.values[0]).toBeCloseTo(-0.01, 6)
    expect(state.values[1]).toBeCloseTo(0.01, 6)
    expect(state.values[2]).toBe(0)
  })
})

describe('clipping', () => {
  it('scales a long gradient down to the limit and leaves a short one alone', () => {
    const gradient = Float32Array.of(3, 4, 12)
    expect(gradientNorm(gradient)).toBeCloseTo(13, 12)
    expect(13 * clipFactor(13, 1)).toBeCloseTo(1, 6)
    expect(clipFactor(0.5, 1)).toBe(1)
    expect(clipFactor(13, null)).toBe(1)
  })

  it('sums large vectors without losing small parts, and shows what is not finite', () => {
    const many = new Float32Array(3_000_000).fill(1e-3)
    expect(gradientNorm(many)).toBeCloseTo(Math.sqrt(3), 5)
    expect(gradientNorm(Float32Array.of(1, Number.NaN))).toBeNaN()
    expect(gradientNorm(Float32Array.of(1, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY)
    // Squares beyond float32 are no reason to stop.
    expect(gradientNorm(Float32Array.of(3e30, 4e30))).toBeCloseTo(5e30, -26)
  })
})
