import { AppError } from '../../kit/index.ts'
import { openPlainFile } from '../plain-file.ts'
import { refusePickle } from '../sniff.ts'
import { type StoredTensor, tensorReader } from '../tensor-reader.ts'
import type { TensorSource } from '../tensor-source.ts'
import { Cursor } from './cursor.ts'
import { limits } from './limits.ts'
import { MIN_ENTRY_BYTES, readMetadata } from './metadata.ts'
import { checkDataPart, MIN_TENSOR_BYTES, readTensorList } from './tensors.ts'
import type { GgufMetadata } from './values.ts'

export interface GgufSource extends TensorSource {
  readonly kind: 'gguf'
  /** 2 or 3. */
  readonly version: number
  readonly metadata: GgufMetadata
}

const MAGIC = 0x46554747 // 'GGUF'

/**
 * Opens a GGUF file (version 2 or 3, little-endian) and checks all of its header before any tensor is read: every cause
 * of malformation has its own `format.gguf.*` error, and no declared count or size allocates more than the file holds.
 * Shapes are given row-major (the file lists the innermost dimension first). Tensors keep the file's own names and row
 * order. A tensor of a known type that cannot be dequantised here does not prevent opening; reading it as float32 is
 * `format.gguf.type_unsupported`. Source: ggml, docs/gguf.md.
 */
export function openGguf(path: string): GgufSource {
  const file = openPlainFile(path)
  try {
    refusePickle(file)
    const cursor = new Cursor(file)
    if (cursor.u32() !== MAGIC) throw new AppError('format.gguf.magic', { path })
    const version = readVersion(cursor)
    const tensorCount = readCount(cursor, 'tensors', MIN_TENSOR_BYTES, limits.tensors)
    const entryCount = readCount(cursor, 'metadata', MIN_ENTRY_BYTES, limits.objects)
    const metadata = readMetadata(cursor, entryCount)
    const alignment = alignmentOf(metadata, path)
    refuseSplit(metadata, path)
    const entries = readTensorList(cursor, tensorCount, alignment)
    const dataStart = checkDataPart(entries, { headerEnd: cursor.position, fileBytes: file.size, alignment }, path)
    const tensors = new Map<string, StoredTensor>()
    for (const { name, type, shape, byteLength, offset } of entries) {
      const info = Object.freeze({ name, dtype: type.name, shape, byteLength })
      tensors.set(name, { info, position: dataStart + offset, codec: type.codec })
    }
    const reader = tensorReader({
      kind: 'gguf',
      file,
      tensors,
      refuse: ({ name, dtype }) => new AppError('format.gguf.type_unsupported', { path, tensor: name, type: dtype }),
    })
    return { ...reader, kind: 'gguf', version, metadata }
  } catch (error) {
    file.close()
    throw error
  }
}

function readVersion(cursor: Cursor): number {
  const version = cursor.u32()
  if (version === 2 || version === 3) return version
  // A big-endian file carries its version the other way round.
  if (version !== 0 && (version & 0xffff) === 0) throw new AppError('format.gguf.big_endian', { path: cursor.path })
  throw new AppError('format.gguf.version', { path: cursor.path, version })
}

/** A declared count that fits into the rest of the file. */
function readCount(cursor: Cursor, what: string, leastBytes: number, limit: number): number {
  const count = cursor.size()
  const possible = Math.min(Math.floor(cursor.remaining / leastBytes), limit)
  if (count > possible) throw new AppError('format.gguf.count', { path: cursor.path, what, count, possible })
  return count
}

function alignmentOf(metadata: GgufMetadata, path: string): number {
  const alignment = metadata.get('general.alignment') ?? 32
  const isPowerOfTwo = typeof alignment === 'number' && Number.isInteger(Math.log2(alignment))
  if (!isPowerOfTwo || alignment < 8 || alignment > limits.alignment) {
    throw new AppError('format.gguf.alignment', { path, alignment: String(alignment).slice(0, 40) })
  }
  return alignment
}

function refuseSplit(metadata: GgufMetadata, path: string): void {
  const parts = metadata.get('split.count')
  if (parts !== undefined && parts !== 0 && parts !== 1) {
    throw new AppError('format.gguf.split', { path, parts: typeof parts === 'number' ? parts : '?' })
  }
}
