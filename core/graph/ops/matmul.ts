import { invariant } from '../../kit/error.ts'
import { makeNode, type Node, sizeOf } from '../node.ts'
import { contribDomain, f32, type NdArray, type OpDef } from '../op.ts'

/** Reads element (r, c) of matrix `batch` of x, transposed when asked. */
function reader(x: NdArray, transposed: boolean): (batch: number, r: number, c: number) => number {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  return (batch, r, c) => x.data[batch * rows * columns + (transposed ? c * columns + r : r * columns + c)]!
}

/** y = alpha · op(a) · op(b) over equal leading (batch) axes, op = last two axes swapped when transA / transB. */
export const matmulOp: OpDef = {
  name: 'matmul',
  infer: ([a, b], { transA, transB }) => {
    const batch = a!.shape.slice(0, -2)
    const [m, k] = transA ? [a!.shape.at(-1)!, a!.shape.at(-2)!] : [a!.shape.at(-2)!, a!.shape.at(-1)!]
    const [k2, n] = transB ? [b!.shape.at(-1)!, b!.shape.at(-2)!] : [b!.shape.at(-2)!, b!.shape.at(-1)!]
    invariant(k === k2 && String(batch) === String(b!.shape.slice(0, -2)), `matmul [${a!.shape}] × [${b!.shape}]`)
    return { shape: [...batch, m, n], dtype: 'f32' }
  },
  reference: ([a, b], { transA, transB, alpha }, out) => {
    const at = reader(a!, Boolean(transA))
    const bt = reader(b!, Boolean(transB))
    const [m, n] = out.shape.slice(-2) as [number, number]
    const depth = transA ? a!.shape.at(-2)! : a!.shape.at(-1)!
    return Float64Array.from({ length: sizeOf(out.shape) }, (_, index) => {
      const batch = Math.floor(index / (m * n))
      const r = Math.floor(index / n) % m
      let sum = 0
      for (let k = 0; k < depth; k++) sum += at(batch, r, k) * bt(batch, k, index % n)
      return Number(alpha) * sum
    })
  },
  emit: (o, [a, b], { attributes: { transA, transB, alpha } }) =>
    o.node(
      'FusedMatMul',
      [a!, b!],
      { transA: { i: Number(transA) }, transB: { i: Number(transB) }, alpha: { f: Number(alpha) } },
      contribDomain,
    ),
  grad: (dy, { inputs: [a, b], attributes: { transA, transB, alpha } }) => {
    const [tA, tB] = [Boolean(transA), Boolean(transB)]
    const options = (x: boolean, y: boolean) => ({ transA: x, transB: y, alpha: Number(alpha) })
    const da = tA ? matmul(b!, dy, options(tB, true)) : matmul(dy, b!, options(false, !tB))
    const db = tB ? matmul(dy, a!, options(true, tA)) : matmul(a!, dy, options(!tA, false))
    return [da, db]
  },
  samples: [
    { inputs: [f32(3, 4), f32(4, 2)], attributes: { transA: false, transB: false, alpha: 1 } },
    { inputs: [f32(2, 3, 4), f32(2, 5, 4)], attributes: { transA: false, transB: true, alpha: 0.5 } },
    { inputs: [f32(2, 4, 3), f32(2, 4, 2)], attributes: { transA: true, transB: false, alpha: -2 } },
    { inputs: [f32(2, 2, 4, 3), f32(2, 2, 5, 4)], attributes: { transA: true, transB: true, alpha: 1 } },
  ],
}

export interface MatmulOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  readonly alpha?: number
}

export const matmul = (a: Node, b: Node, { transA = false, transB = false, alpha = 1 }: MatmulOptions = {}): Node =>
  makeNode(matmulOp, [a, b], { transA, transB, alpha })
