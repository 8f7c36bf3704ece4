import { invariant } from '../kit/error.ts'
import type { Shape } from './node.ts'
import { sizeOf } from './node.ts'

/** NumPy broadcasting of two shapes. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    invariant(x === y || x === 1 || y === 1, `shapes [${a}] and [${b}] do not broadcast`)
    return x === 1 ? y : x
  })
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]!
  }
  return strides
}

/** For every element of `out`, the offset of the element of a value of shape `from` that broadcasts onto it. */
export function broadcastOffsets(from: Shape, out: Shape): Int32Array {
  const shift = out.length - from.length
  const strides = stridesOf(from).map((s, i) => (from[i] === 1 ? 0 : s))
  const offsets = new Int32Array(sizeOf(out))
  const index = new Array<number>(out.length).fill(0)
  for (let n = 0; n < offsets.length; n++) {
    let at = 0
    for (let i = 0; i < from.length; i++) at += strides[i]! * index[i + shift]!
    offsets[n] = at
    for (let i = out.length - 1; i >= 0 && ++index[i]! === out[i]; i--) index[i] = 0
  }
  return offsets
}

/** [product before axis, size of axis, product after axis]. */
export function splitAt(shape: Shape, axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))]
}
