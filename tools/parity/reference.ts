import { join } from 'node:path'
import { openSafetensors } from '../../core/formats/safetensors/index.ts'

/** Recorded tensors of one fixture folder. */
export interface Reference {
  readonly names: readonly string[]
  has(name: string): boolean
  shape(name: string): readonly number[]
  floats(name: string): Float32Array
  doubles(name: string): Float64Array
  integers(name: string): number[]
  /** Rows of a [B, T] integer tensor. */
  rows(name: string): number[][]
  close(): void
}

/** Opens `reference.safetensors` of a folder. */
export function openReference(folder: string): Reference {
  const source = openSafetensors(join(folder, 'reference.safetensors'))
  const names = source.names()
  const integers = (name: string): number[] => {
    const bytes = source.readBytes(name).slice()
    return Array.from(new BigInt64Array(bytes.buffer), Number)
  }
  return {
    names,
    has: (name) => names.includes(name),
    shape: (name) => source.info(name).shape,
    floats: (name) => source.readFloat32(name),
    doubles: (name) => new Float64Array(source.readBytes(name).slice().buffer),
    integers,
    rows(name) {
      const [count, width] = source.info(name).shape as [number, number]
      const all = integers(name)
      return Array.from({ length: count }, (_, i) => all.slice(i * width, (i + 1) * width))
    },
    close: () => source.close(),
  }
}
