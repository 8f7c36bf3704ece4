import { join } from 'node:path'
import { openSafetensors } from '../../core/formats/safetensors/index.ts'
import { diskFiles } from '../../core/kit/index.ts'

/** Recorded tensors of one fixture file. It keeps account of what has been read, so that nothing stays unchecked unseen. */
export interface Reference {
  readonly names: readonly string[]
  has(name: string): boolean
  shape(name: string): readonly number[]
  floats(name: string): Float32Array
  doubles(name: string): Float64Array
  integers(name: string): number[]
  /** Stored bytes. */
  bytes(name: string): Uint8Array
  /** Rows of a [B, T] integer tensor. */
  rows(name: string): number[][]
  /** Names whose values nobody has asked for yet. */
  unread(): string[]
  close(): void
}

/** Opens one file of recorded tensors, `reference.safetensors` unless named otherwise. */
export function openReference(folder: string, file = 'reference.safetensors'): Reference {
  const source = openSafetensors(join(folder, file))
  const names = source.names()
  const read = new Set<string>()
  const bytes = (name: string): Uint8Array<ArrayBuffer> => {
    read.add(name)
    return source.readBytes(name).slice()
  }
  const integers = (name: string): number[] => Array.from(new BigInt64Array(bytes(name).buffer), Number)
  return {
    names,
    has: (name) => names.includes(name),
    shape: (name) => source.info(name).shape,
    bytes,
    integers,
    floats(name) {
      read.add(name)
      return source.readFloat32(name)
    },
    doubles: (name) => new Float64Array(bytes(name).buffer),
    rows(name) {
      const [count, width] = source.info(name).shape as [number, number]
      const all = integers(name)
      return Array.from({ length: count }, (_, i) => all.slice(i * width, (i + 1) * width))
    },
    unread: () => names.filter((name) => !read.has(name)),
    close: () => source.close(),
  }
}

/** Reads a JSON file of a fixture folder. */
export function readJsonFile<T>(...path: string[]): T {
  return JSON.parse(new TextDecoder().decode(diskFiles.read(join(...path)))) as T
}

/** The folder that a derived one (`-sharded`, `-extra`, `-experts`) takes from it what it lacks: beside it, without the ending. */
export function siblingOf(folder: string): string {
  return folder.replace(/-(sharded|extra|experts)$/, '')
}
