import { AppError, type ReadHandle } from '../../kit/index.ts'
import { openPlainFile, readExactly } from '../plain-file.ts'
import { refusePickle } from '../sniff.ts'
import { type StoredTensor, tensorReader } from '../tensor-reader.ts'
import type { TensorSource } from '../tensor-source.ts'
import { dtypes } from './dtypes.ts'
import { checkLayout, type Header, parseHeader } from './header.ts'
import { limits } from './limits.ts'

/** An open safetensors file, or a folder of shards seen as one. */
export interface SafetensorsSource extends TensorSource {
  readonly kind: 'safetensors'
  /** `__metadata__` of the file (of a sharded model: of its first shard by name). */
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Opens one safetensors file and checks its whole header before anything else is read: every cause of malformation has
 * its own `format.safetensors.*` error, no declared size allocates more than the file holds, a pickle is refused as
 * `format.pickle`. Layout: 8 bytes little-endian header length, JSON header, data.
 * Source: https://github.com/huggingface/safetensors (README, "Format").
 */
export function openSafetensors(path: string): SafetensorsSource {
  const file = openPlainFile(path)
  try {
    refusePickle(file)
    const header = readHeader(file)
    const dataStart = header.dataStart
    const tensors = new Map<string, StoredTensor>()
    for (const { name, dtype, shape, begin, end } of header.entries.values()) {
      tensors.set(name, {
        info: Object.freeze({ name, dtype, shape, byteLength: end - begin }),
        position: dataStart + begin,
        codec: dtypes.get(dtype)?.codec,
      })
    }
    const reader = tensorReader({
      kind: 'safetensors',
      file,
      tensors,
      refuse: ({ name, dtype }) => new AppError('format.safetensors.dtype_unsupported', { path, tensor: name, dtype }),
    })
    return { ...reader, kind: 'safetensors', metadata: header.metadata }
  } catch (error) {
    file.close()
    throw error
  }
}

function readHeader(file: ReadHandle): Header & { dataStart: number } {
  const { path, size } = file
  if (size < 8) throw new AppError('format.safetensors.too_short', { path, bytes: size })
  const prefix = new DataView(new ArrayBuffer(8))
  readExactly(file, new Uint8Array(prefix.buffer), 0)
  // Above 2^53 the number is not exact any more, but then it is far above the limit too.
  const length = prefix.getUint32(4, true) * 2 ** 32 + prefix.getUint32(0, true)
  if (length > limits.headerBytes) {
    throw new AppError('format.safetensors.header_too_large', { path, bytes: length, limit: limits.headerBytes })
  }
  if (length > size - 8) {
    throw new AppError('format.safetensors.header_truncated', { path, expected: length, found: size - 8 })
  }
  const bytes = new Uint8Array(length)
  readExactly(file, bytes, 8)
  if (bytes[0] !== 0x7b) throw new AppError('format.safetensors.header_start', { path })
  const header = parseHeader(decode(bytes, path), path)
  checkLayout(header.entries.values(), size - 8 - length, path)
  return { ...header, dataStart: 8 + length }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new AppError('format.safetensors.header_utf8', { path }, { cause: error })
  }
}
