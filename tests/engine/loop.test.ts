import { describe, expect, it } from 'vitest'
import { type CancelToken, cancelSource, isAppError, neverCancelled } from '../../core/kit/index.ts'
import type { WeightStore } from '../../core/models/index.ts'
import {
  type AdapterState,
  adapterState,
  initialAdapter,
  planTraining,
  type StepReport,
  shareRows,
  type TokenRow,
  type TrainInput,
  train,
} from '../../core/train/index.ts'
import { type AdaptedSources, tinySources, tokens } from './support.ts'

/** Token 300 stands in one row only; steps follow the file order, so step 3 (from 1) is the first to see it. */
const poison = 300
const rows: TokenRow[] = Array.from({ length: 20 }, (_, i) => {
  const own = tokens(6, 'row', i).map((t) => (t === poison ? 301 : t))
  if (i === 9) own[2] = poison
  const ids = Uint32Array.from([10, 11, 12, 13, 20 + (i % 3), ...own, 40 + (i % 3), 2])
  return { ids, answers: [[ids.length - 2, ids.length]], weight: 1 }
})

function input(sources: AdaptedSources, state: AdapterState, changes: Partial<TrainInput> = {}): TrainInput {
  const shared = shareRows(rows, 'auto')
  const order = { rows: rows.length, batchSize: 4, epochs: 4, maxSteps: null, shuffle: false, seed: 2 }
  const plan = planTraining({
    config: sources.config,
    lora: sources.adapter.layout.spec,
    rows: shared,
    order,
    threads: 1,
    memoryBytes: 1e9,
  })
  return {
    sources: { ...sources, adapter: { ...sources.adapter, values: state.values } },
    plan,
    rows: shared,
    order,
    schedule: { kind: 'cosine', learningRate: 0.01, warmup: 0.1 },
    weightDecay: 0.01,
    maxGradNorm: 1,
    state,
    firstStep: 0,
    cancel: neverCancelled,
    ...changes,
  }
}

async function collect(reports: AsyncGenerator<StepReport>, into: StepReport[] = []): Promise<StepReport[]> {
  for await (const report of reports) into.push(report)
  return into
}

function poisoned(sources: AdaptedSources, value: number): AdaptedSources {
  const { hidden } = sources.config
  const table = sources.weights.get('model.embed_tokens.weight').slice()
  table[poison * hidden + 5] = value
  const weights: WeightStore = {
    ...sources.weights,
    get: (name) => (name === 'model.embed_tokens.weight' ? table : sources.weights.get(name)),
  }
  return { ...sources, weights }
}

const fresh = (sources: AdaptedSources): AdapterState => adapterState(initialAdapter(sources.adapter.layout, 1))

describe('training loop', () => {
  it('learns: the loss of the last epoch is far below that of the first', async () => {
    const sources = tinySources({ dropout: 0.05, rank: 4 })
    const state = fresh(sources)
    const reports = await collect(train(input(sources, state)))
    expect(reports.map((r) => r.step)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    const mean = (from: number, to: number): number =>
      reports.slice(from, to).reduce((n, r) => n + r.loss, 0) / (to - from)
    expect(mean(15, 20)).toBeLessThan(0.5 * mean(0, 5))
    for (const r of reports) {
      expect(r.rows).toBe(4)
      expect(r.supervisedTokens).toBe(8)
      expect(r.tokens).toBe(4 * 13)
      expect(r.gradNorm).toBeGreaterThan(0)
    }
  })

  it('continued from any step gives the very bytes of the uninterrupted run (dropout included)', async () => {
    const sources = tinySources({ dropout: 0.1, rank: 4 })
    const whole = fresh(sources)
    const expected = await collect(train(input(sources, whole)))
    for (const stop of [1, 7, 19]) {
      const state = fresh(sources)
      const cancel = cancelSource()
      const reports: StepReport[] = []
      try {
        for await (const report of train(input(sources, state, { cancel }))) {
          reports.push(report)
          if (reports.length === stop) cancel.request()
        }
      } catch (error) {
        expect(isAppError(error, 'job.cancelled')).toBe(true)
      }
      expect(reports.length).toBe(stop)
      const resumed: AdapterState = {
        values: state.values.slice(),
        gradient: new Float32Array(state.values.length),
        firstMoment: state.firstMoment.slice(),
        secondMoment: state.secondMoment.slice(),
      }
      await collect(train(input(sources, resumed, { firstStep: stop })), reports)
      expect(reports).toEqual(expected)
      expect(Buffer.from(resumed.values.buffer).equals(Buffer.from(whole.values.buffer))).toBe(true)
      expect(Buffer.from(resumed.secondMoment.buffer).equals(Buffer.from(whole.secondMoment.buffer))).toBe(true)
    }
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'P-43: a weight of %d in one row ends the run at that step; the state stays as it was',
    async (value) => {
      const healthy = tinySources({ rank: 4 })
      const reference = fresh(healthy)
      const before: { values: Float32Array; m: Float32Array; v: Float32Array }[] = []
      for await (const _ of train(input(healthy, reference))) {
        before.push({
          values: reference.values.slice(),
          m: reference.firstMoment.slice(),
          v: reference.secondMoment.slice(),
        })
      }
      const sources = poisoned(healthy, value)
      const state = fresh(sources)
      const reports: StepReport[] = []
      const failed = await collect(train(input(sources, state)), reports).then(
        () => null,
        (error: unknown) => error,
      )
      expect(failed).toMatchObject({ code: 'train.not_finite', data: { step: 3, steps: 20 } })
      expect(reports.length).toBe(2)
      expect(state.values).toEqual(before[1]!.values)
      expect(state.firstMoment).toEqual(before[1]!.m)
      expect(state.secondMoment).toEqual(before[1]!.v)
      expect(state.values.every(Number.isFinite)).toBe(true)
    },
  )

  it('a cancel request ends the step that is running, without an update', async () => {
    const sources = tinySources({ rank: 4 })
    const state = fresh(sources)
    const start = state.values.slice()
    const source = cancelSource()
    let asked = 0
    const cancel: CancelToken = {
      get requested() {
        return source.requested
      },
      throwIfRequested() {
        // Asked between sessions: with one layer at the top, the third question falls into the first step.
        if (++asked === 3) source.request()
        source.throwIfRequested()
      },
    }
    const settings = input(sources, state, { cancel })
    const reports = train({ ...settings, plan: { ...settings.plan, topLayers: 1 } })
    await expect(collect(reports)).rejects.toMatchObject({ code: 'job.cancelled' })
    expect(asked).toBe(3)
    expect(state.values).toEqual(start)
  })
})
