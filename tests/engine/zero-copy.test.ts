import { describe, expect, it } from 'vitest'
import { emitGraph } from '../../core/emit/index.ts'
import { add, input, matmul, slice } from '../../core/graph/index.ts'
import { residentMemory } from '../../core/kit/index.ts'
import { chain } from '../../core/models/index.ts'
import { bindSession, openSession, tensorOf } from '../../core/runtime/index.ts'
import { lossAndGradient } from './gradient-support.ts'
import { tinySources, tokens } from './support.ts'

/** The engine rests on the runtime taking weights as inputs without copying them. An update that copies shows here. */
describe('weights as inputs', () => {
  it('a write from JavaScript is seen by the next run', async () => {
    const [x, w] = [input('x', [1, 3]), input('w', [2, 3])]
    const session = await openSession(emitGraph({ y: matmul(x, w, { transB: true }) }), { threads: 1 })
    const weight = Float32Array.of(1, 0, 0, 0, 1, 0)
    const feeds = { x: tensorOf(Float32Array.of(5, 7, 9), [1, 3]), w: tensorOf(weight, [2, 3]) }
    expect([...((await session.run(feeds)).y as Float32Array)]).toEqual([5, 7])
    weight.set([0, 0, 1], 3)
    expect([...((await session.run(feeds)).y as Float32Array)]).toEqual([5, 9])
    await session.release()
  })

  it('so does a write through another view of the same buffer, and outputs are fresh every time', async () => {
    const flat = new Float32Array(10)
    const graph = emitGraph({ y: add(input('a', [2]), input('b', [2])) })
    const arrays = new Map([
      ['a', { data: flat.subarray(2, 4), shape: [2] }],
      ['b', { data: flat.subarray(6, 8), shape: [2] }],
    ])
    const bound = await bindSession(graph, () => arrays, 1)
    flat.set([1, 2], 2)
    flat.set([10, 20], 6)
    const first = (await bound.run(0, {})).y as Float32Array
    flat[2] = 100
    const second = (await bound.run(0, {})).y as Float32Array
    expect([...first]).toEqual([11, 22])
    expect([...second]).toEqual([110, 22])
    await bound.release()
  })

  it('a 64 MB input costs neither the memory nor the time of a copy', async () => {
    const n = 16 * 2 ** 20
    const corner = emitGraph({ y: slice(input('big', [n]), 0, 0, 4) })
    const session = await openSession(corner, { threads: 1 })
    const feeds = { big: tensorOf(new Float32Array(n).fill(1), [n]) }
    await session.run(feeds)
    const before = residentMemory(process.pid)!
    const outputs: unknown[] = []
    const began = performance.now()
    for (let i = 0; i < 200; i++) outputs.push((await session.run(feeds)).y)
    const each = (performance.now() - began) / outputs.length
    // A copy of 64 MB takes above 10 ms, and 200 kept ones would take 12.8 GB.
    expect(each).toBeLessThan(5)
    expect(residentMemory(process.pid)! - before).toBeLessThan(64e6)
    await session.release()
  })

  it('the training graphs read the live adapter: an update between two steps changes the second', async () => {
    const sources = tinySources()
    const step = {
      layout: { prefix: 0, bins: 1, binLength: 8, predictions: 2 },
      prefix: [],
      micro: [[[chain(tokens(8, 'z'), 6, 8, 0.5)]]],
    }
    const once = await lossAndGradient(sources, step)
    const twice = await lossAndGradient(sources, { ...step, micro: [...step.micro, ...step.micro] })
    expect(twice.loss).toBeCloseTo(2 * once.loss, 5)
    sources.adapter.values.set(sources.adapter.values.map((v, i) => v - 0.05 * once.gradient[i]!))
    expect((await lossAndGradient(sources, step)).loss).toBeLessThan(once.loss)
  })
})
