import { describe, expect, it } from 'vitest'
import { adapterLayout, configOfHuggingFace, modulesOf } from '../../core/models/index.ts'
import {
  batchOrder,
  estimateMemory,
  initialAdapter,
  type OrderSettings,
  type PlanInput,
  planHash,
  planTraining,
  shareRows,
  stepMicroBatches,
  totalSteps,
} from '../../core/train/index.ts'
import { tinyConfigJson } from '../support/tiny-model.ts'
import { tokens } from './support.ts'

const order: OrderSettings = { rows: 37, batchSize: 8, epochs: 3, maxSteps: null, shuffle: true, seed: 4 }

describe('batchOrder', () => {
  it('is a pure function of seed and step: any step, asked in any order, by any instance', () => {
    const one = batchOrder(order)
    const forward = Array.from({ length: totalSteps(order) }, (_, step) => one(step))
    const other = batchOrder({ ...order })
    for (const step of [14, 0, 9, 9, 3, 12, 7]) expect(other(step)).toEqual(forward[step])
  })

  it('shows every row exactly once an epoch, each epoch in another order', () => {
    const at = batchOrder(order)
    const epochs = [0, 1, 2].map((epoch) => Array.from({ length: 5 }, (_, i) => at(epoch * 5 + i)).flat())
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (_, i) => i))
    expect(epochs[0]).not.toEqual(epochs[1])
    expect(epochs[1]).not.toEqual(epochs[2])
    expect(batchOrder({ ...order, seed: 5 })(0)).not.toEqual(at(0))
  })

  it('keeps the file order without shuffling, and the last batch of an epoch may be smaller', () => {
    const at = batchOrder({ ...order, shuffle: false })
    expect(at(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(at(4)).toEqual([32, 33, 34, 35, 36])
    expect(at(5)).toEqual(at(0))
  })

  it('counts steps', () => {
    expect(totalSteps(order)).toBe(15)
    expect(totalSteps({ ...order, maxSteps: 4 })).toBe(4)
    expect(totalSteps({ ...order, maxSteps: 400 })).toBe(15)
    expect(totalSteps({ ...order, rows: 1, batchSize: 32, epochs: 1 })).toBe(1)
  })
})

const config = configOfHuggingFace(tinyConfigJson)
const lora = { rank: 4, alpha: 8, dropout: 0.1, modules: modulesOf('all-linear') }

function planInput(changes: Partial<PlanInput> = {}): PlanInput {
  const prompt = tokens(12, 'prompt')
  const rows = Array.from({ length: 37 }, (_, i) => {
    const own = [3 + (i % 2), ...tokens(4 + ((i * 7) % 23), 'own', i)]
    const length = prompt.length + own.length
    return {
      ids: Uint32Array.from([...prompt, ...own]),
      answers: [[length - 3, length]] as [number, number][],
      weight: 1,
    }
  })
  return { config, lora, rows: shareRows(rows, 'auto'), order, threads: 1, memoryBytes: 2e9, ...changes }
}

describe('planTraining', () => {
  it('fits every micro-batch of every step into its layout', () => {
    const input = planInput()
    const plan = planTraining(input)
    const at = batchOrder(order)
    let used = 0
    for (let step = 0; step < plan.steps; step++) {
      const micro = stepMicroBatches(at(step), input.rows.sequences, plan.layout)
      expect(micro.flat(2).sort((a, b) => a - b)).toEqual([...at(step)].sort((a, b) => a - b))
      for (const bins of micro) {
        expect(bins.length).toBeLessThanOrEqual(plan.layout.bins)
        const predicted = bins.flat().reduce((n, i) => n + input.rows.sequences[i]!.predicted.length, 0)
        used = Math.max(used, predicted)
        for (const bin of bins)
          expect(bin.reduce((n, i) => n + input.rows.sequences[i]!.ids.length, 0)).toBeLessThanOrEqual(
            plan.layout.binLength,
          )
      }
    }
    // Not a place more than the fullest micro-batch needs.
    expect(plan.layout.predictions).toBe(used)
  })

  it('is deterministic, and its hash tells two plans apart', () => {
    expect(planHash(planTraining(planInput()))).toBe(planHash(planTraining(planInput())))
    expect(planHash(planTraining(planInput({ threads: 2 })))).not.toBe(planHash(planTraining(planInput())))
  })

  it('never takes more memory than it is given, recomputes when that helps, and refuses what cannot fit', () => {
    // Weights as large as a real model's, so that activations matter beside the fixed part.
    const wide = configOfHuggingFace({
      ...tinyConfigJson,
      hidden_size: 768,
      num_attention_heads: 12,
      num_key_value_heads: 4,
      head_dim: 64,
      intermediate_size: 2048,
      num_hidden_layers: 12,
    })
    const input = (memoryBytes: number): PlanInput => planInput({ config: wide, memoryBytes })
    const roomy = planTraining(input(16e9))
    expect(roomy.topLayers).toBe(wide.layers)
    const plans = [roomy]
    let refused = 0
    for (let memory = roomy.memory.total; memory > 0; memory *= 0.97) {
      try {
        const plan = planTraining(input(memory))
        expect(refused, 'less memory cannot fit again').toBe(0)
        expect(plan.memory.total).toBeLessThanOrEqual(memory * 1.02)
        plans.push(plan)
      } catch (error) {
        expect(error).toMatchObject({ code: 'engine.memory', data: { longestRow: expect.any(Number) } })
        const { neededGb, availableGb } = (error as { data: { neededGb: number; availableGb: number } }).data
        expect(neededGb).toBeGreaterThanOrEqual(availableGb)
        if (++refused === 3) break
      }
    }
    expect(refused).toBe(3)
    expect(plans.some((p) => p.topLayers < wide.layers)).toBe(true)
    expect(plans.at(-1)!.memory.total).toBeLessThan(roomy.memory.total)
  })

  it('the final estimate, predictions counted exactly, stays within the memory', () => {
    for (const memoryBytes of [0.4e9, 0.6e9, 2e9])
      expect(planTraining(planInput({ memoryBytes })).memory.total).toBeLessThanOrEqual(memoryBytes)
  })

  it('estimates grow with what is asked', () => {
    const layout = { prefix: 12, bins: 4, binLength: 32, predictions: 40 }
    const base = estimateMemory(config, layout, lora, 3).total
    expect(estimateMemory(config, { ...layout, bins: 5 }, lora, 3).total).toBeGreaterThan(base)
    expect(estimateMemory(config, layout, { ...lora, rank: 8 }, 3).total).toBeGreaterThan(base)
  })
})

describe('initialAdapter', () => {
  it('starts with B zero and A uniform in ±1/√in, by seed and matrix', () => {
    const layout = adapterLayout(config, lora)
    const values = initialAdapter(layout, 1)
    for (const { factor, shape, offset, size } of layout.tensors) {
      const part = values.subarray(offset, offset + size)
      if (factor === 'B') expect(part.every((v) => v === 0)).toBe(true)
      else {
        const bound = 1 / Math.sqrt(shape[1])
        expect(part.every((v) => Math.abs(v) <= bound)).toBe(true)
        const mean = part.reduce((a, b) => a + b, 0) / size
        const variance = part.reduce((a, b) => a + (b - mean) ** 2, 0) / size
        expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * size))
        expect(variance / (bound ** 2 / 3)).toBeGreaterThan(0.7)
        expect(variance / (bound ** 2 / 3)).toBeLessThan(1.3)
      }
    }
    expect(initialAdapter(layout, 1)).toEqual(values)
    expect(initialAdapter(layout, 2)).not.toEqual(values)
  })
})
