import { describe, expect, it } from 'vitest'
import { emitGraph } from '../../core/emit/index.ts'
import {
  allOps,
  gradients,
  input,
  interpret,
  makeNode,
  type Node,
  type OpDef,
  type Sample,
  sizeOf,
} from '../../core/graph/index.ts'
import { randomStream } from '../../core/kit/index.ts'
import { checkFeeds, openSession, type Tensor, tensorOf } from '../../core/runtime/index.ts'

/** Every op, every sample: shape rule, ONNX Runtime against the float64 reference, gradient against central differences. */

function build(op: OpDef, sample: Sample): { node: Node; inputs: Node[]; feeds: Record<string, number[]> } {
  const random = randomStream(1, 'op-sweep', op.name)
  const feeds: Record<string, number[]> = {}
  const inputs = sample.inputs.map((spec, i) => {
    const [low, high] = spec.range ?? [-2, 2]
    const values =
      spec.values ?? Array.from({ length: sizeOf(spec.shape) }, () => Math.fround(low + (high - low) * random.float()))
    feeds[`x${i}`] = [...values]
    return input(`x${i}`, spec.shape, spec.dtype)
  })
  return { node: makeNode(op, inputs, sample.attributes ?? {}), inputs, feeds }
}

function tensors(inputs: readonly Node[], feeds: Record<string, number[]>): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map((x) => {
      const name = String(x.attributes.name)
      const values = feeds[name]!
      const data =
        x.dtype === 'f32'
          ? Float32Array.from(values)
          : x.dtype === 'u8'
            ? Uint8Array.from(values)
            : BigInt64Array.from(values, BigInt)
      return [name, tensorOf(data, x.shape)]
    }),
  )
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  const top = Math.max(1, ...Array.from(expected, Math.abs))
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(tolerance * top)
}

/** Weights that turn the op's output into one number, so that a gradient exists for every output element. */
const weightOf = (index: number): number => Math.sin(1 + 3 * index)

describe('op sweep (P-40)', () => {
  it('covers every registered op with at least one sample and unique names', () => {
    expect(new Set(allOps.map((op) => op.name)).size).toBe(allOps.length)
    expect(allOps.filter((op) => op.samples.length === 0)).toEqual([])
  })

  for (const op of allOps) {
    op.samples.forEach((sample, n) => {
      it(`${op.name} #${n}: ONNX Runtime equals the float64 reference`, async () => {
        const { node, inputs, feeds } = build(op, sample)
        const [expected] = interpret([node], feeds)
        expect(expected!.data.length).toBe(sizeOf(node.shape))
        const graph = emitGraph({ y: node })
        const fed = tensors(inputs, feeds)
        checkFeeds(graph, Object.fromEntries(graph.inputs.map((i) => [i.name, fed[i.name]!])))
        const session = await openSession(graph, { threads: 1 })
        const used = Object.fromEntries(graph.inputs.map((i) => [i.name, fed[i.name]!]))
        const { y } = await session.run(used)
        expectClose(y as Float32Array, expected!.data, 1e-5)
        await session.release()
      })

      if (op.grad === undefined) return
      it(`${op.name} #${n}: gradient equals central differences, and the emitted gradient equals it too`, async () => {
        const { node, inputs, feeds } = build(op, sample)
        const w = input('w', node.shape)
        const all = { ...feeds, w: Array.from({ length: sizeOf(node.shape) }, (_, i) => weightOf(i)) }
        const wrt = inputs.filter((x, i) => x.dtype === 'f32' && op.grad!(w, node)[i] !== null)
        const symbolic = gradients([{ output: node, gradient: w }], wrt)
        const analytic = interpret(symbolic, all)
        const objective = (at: Record<string, number[]>): number =>
          interpret([node], at)[0]!.data.reduce((sum, v, i) => sum + v * weightOf(i), 0)
        wrt.forEach((x, i) => {
          const name = String(x.attributes.name)
          const numeric = feeds[name]!.map((value, at) => {
            const nudged = (h: number) => objective({ ...feeds, [name]: feeds[name]!.with(at, value + h) })
            return (nudged(1e-5) - nudged(-1e-5)) / 2e-5
          })
          expect(analytic[i]!.shape).toEqual(x.shape)
          expectClose(analytic[i]!.data, numeric, 1e-4)
        })
        const graph = emitGraph(Object.fromEntries(symbolic.map((g, i) => [`g${i}`, g])))
        const fed = tensors([...inputs, w], all)
        const session = await openSession(graph, { threads: 1 })
        const out = await session.run(Object.fromEntries(graph.inputs.map((i) => [i.name, fed[i.name]!])))
        symbolic.forEach((_, i) => void expectClose(out[`g${i}`] as Float32Array, analytic[i]!.data, 1e-5))
        await session.release()
      })
    })
  }
})
