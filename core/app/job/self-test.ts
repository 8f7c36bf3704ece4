import { emitGraph } from '../../emit/index.ts'
import { gradients, input, interpret, matmul, mul, rmsNorm, silu, softmax } from '../../graph/index.ts'
import { outsideConnections, randomStream, systemClock } from '../../kit/index.ts'
import { openSession, tensorOf } from '../../runtime/index.ts'
import type { JobIo } from './worker.ts'

export interface SelfTestResult {
  /** Largest difference between ONNX Runtime and the float64 reference, relative to the largest value. */
  readonly error: number
  /** Speed of large float32 matrix products on this machine. */
  readonly flopsPerSecond: number
  /** Sockets of the engine's process to anywhere but this machine; null where the platform cannot tell. */
  readonly outsideConnections: number | null
}

/** Computes a small graph with its gradient twice, by the engine and by the float64 reference, and measures matrix products. */
export async function selfTestJob({ threads }: { threads: number }, io: JobIo): Promise<SelfTestResult> {
  io.progress({ stage: 'selfTest', done: 0, total: 1, unit: 'steps' })
  const x = input('x', [4, 16])
  const w = input('w', [16, 16])
  const scale = input('scale', [16])
  const y = softmax(mul(silu(matmul(rmsNorm(x, scale, 1e-5), w, { transB: true })), x))
  const [gradient] = gradients([{ output: y, gradient: x }], [w])
  const random = randomStream(1, 'self-test')
  const values = (n: number): number[] => Array.from({ length: n }, () => Math.fround(2 * random.float() - 1))
  const feeds = { x: values(64), w: values(256), scale: values(16) }
  const expected = interpret([y, gradient!], feeds)
  const session = await openSession(emitGraph({ y, gradient: gradient! }), { threads: 1 })
  const out = await session.run({
    x: tensorOf(Float32Array.from(feeds.x), [4, 16]),
    w: tensorOf(Float32Array.from(feeds.w), [16, 16]),
    scale: tensorOf(Float32Array.from(feeds.scale), [16]),
  })
  await session.release()
  const error = Math.max(
    ...[out.y!, out.gradient!].map((values, i) => worst(values as Float32Array, expected[i]!.data)),
  )
  const flopsPerSecond = await matmulSpeed(threads)
  io.progress({ stage: 'selfTest', done: 1, total: 1, unit: 'steps' })
  return { error, flopsPerSecond, outsideConnections: outsideConnections() }
}

function worst(actual: Float32Array, expected: Float64Array): number {
  const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  return actual.reduce((m, v, i) => Math.max(m, Math.abs(v - expected[i]!)), 0) / largest
}

/** Best of several products of 1024 × 1024 matrices fed as inputs, as training does it. */
export async function matmulSpeed(threads: number): Promise<number> {
  const n = 1024
  const product = matmul(input('a', [n, n]), input('b', [n, n]), { transB: true })
  const session = await openSession(emitGraph({ product }), { threads })
  const feeds = {
    a: tensorOf(new Float32Array(n * n).fill(0.5), [n, n]),
    b: tensorOf(new Float32Array(n * n).fill(0.5), [n, n]),
  }
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 12; i++) {
    const began = systemClock.seconds()
    await session.run(feeds)
    best = Math.min(best, systemClock.seconds() - began)
  }
  await session.release()
  return (2 * n ** 3) / best
}
