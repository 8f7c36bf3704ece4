import { AppError, invariant, type ReadHandle } from '../kit/index.ts'
import { type FloatCodec, f32Codec, makeScratch, type Scratch } from './float-codecs.ts'
import { readExactly } from './plain-file.ts'
import type { TensorInfo, TensorSource } from './tensor-source.ts'

/** Bytes of the scratch buffer that conversions read through. */
const SCRATCH_BYTES = 4 << 20

/** One checked tensor: its place in the file and, when its type can be read as float32, how. */
export interface StoredTensor {
  readonly info: TensorInfo
  readonly position: number
  /** Undefined: only the bytes can be read; `refuse` then makes the error. */
  readonly codec: FloatCodec | undefined
}

export interface TensorReaderParts {
  readonly kind: TensorSource['kind']
  readonly file: ReadHandle
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** The error for a tensor whose stored type cannot be read as float32. */
  readonly refuse: (info: TensorInfo) => AppError
}

/** The reading half that safetensors and GGUF share: everything after the header has been checked. */
export function tensorReader({ kind, file, tensors, refuse }: TensorReaderParts): TensorSource {
  const names = sortedNames(tensors.keys())
  let scratch: Scratch | undefined
  const stored = (name: string): StoredTensor => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw new AppError('format.tensor_missing', { path: file.path, tensor: name })
    return tensor
  }
  return {
    kind,
    path: file.path,
    names: () => names,
    info: (name) => stored(name).info,
    readBytes(name) {
      const { info, position } = stored(name)
      const bytes = allocate(info, info.byteLength, (n) => new Uint8Array(n))
      readExactly(file, bytes, position)
      return bytes
    },
    readFloat32(name, into) {
      const { info, position, codec } = stored(name)
      if (codec === undefined) throw refuse(info)
      const elements = (info.byteLength / codec.blockBytes) * codec.blockSize
      invariant(into === undefined || into.length === elements, `target of ${name} must hold ${elements} values`)
      const out = into ?? allocate(info, elements, (n) => new Float32Array(n))
      if (codec === f32Codec) {
        readExactly(file, new Uint8Array(out.buffer, out.byteOffset, out.byteLength), position)
        return out
      }
      scratch ??= makeScratch(SCRATCH_BYTES)
      const blocksPerChunk = Math.floor(SCRATCH_BYTES / codec.blockBytes)
      const blocks = info.byteLength / codec.blockBytes
      for (let done = 0; done < blocks; done += blocksPerChunk) {
        const count = Math.min(blocksPerChunk, blocks - done)
        readExactly(file, scratch.u8.subarray(0, count * codec.blockBytes), position + done * codec.blockBytes)
        codec.decode(scratch, count, out, done * codec.blockSize)
      }
      return out
    },
    close() {
      scratch = undefined
      file.close()
    },
  }
}

/** Names sorted by code unit, the order that `TensorSource.names` promises. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return Object.freeze([...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
}

/**
 * Allocates room for a tensor. Its size was checked against the file, so only a tensor that the file really holds can
 * ask for much; when the machine has not that much, the engine's RangeError becomes a named error.
 */
function allocate<T>(info: TensorInfo, length: number, make: (length: number) => T): T {
  try {
    return make(length)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new AppError('format.tensor_too_large', { tensor: info.name, bytes: info.byteLength }, { cause: error })
  }
}
