import { AppError } from '../../kit/index.ts'
import { excerpt, isUsableName } from '../names.ts'
import type { Cursor } from './cursor.ts'
import { limits } from './limits.ts'
import { type GgufType, ggufTypes } from './types.ts'

/** One entry of the tensor list; `offset` counts from the beginning of the data part. */
export interface TensorEntry {
  readonly name: string
  readonly type: GgufType
  /** Row-major, that is the file's dimensions reversed. */
  readonly shape: readonly number[]
  readonly byteLength: number
  readonly offset: number
}

/** Least bytes of a tensor's entry: an 8-byte length, one character, 4-byte rank, 4-byte type, 8-byte offset. */
export const MIN_TENSOR_BYTES = 25

/** Reads the tensor list and checks every tensor by itself. */
export function readTensorList(cursor: Cursor, count: number, alignment: number): TensorEntry[] {
  const entries: TensorEntry[] = []
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const entry = readTensor(cursor, alignment)
    if (names.has(entry.name)) {
      throw new AppError('format.gguf.duplicate_tensor', { path: cursor.path, tensor: excerpt(entry.name) })
    }
    names.add(entry.name)
    entries.push(entry)
  }
  return entries
}

function readTensor(cursor: Cursor, alignment: number): TensorEntry {
  const { path } = cursor
  const badName = (length: number) => new AppError('format.gguf.tensor_name', { path, length, limit: limits.nameBytes })
  const name = cursor.string(limits.nameBytes, badName)
  if (!isUsableName(name, limits.nameBytes)) throw badName(name.length)
  const rank = cursor.u32()
  if (rank > limits.dimensions) {
    throw new AppError('format.gguf.rank', { path, tensor: excerpt(name), rank, limit: limits.dimensions })
  }
  const dimensions: number[] = []
  for (let i = 0; i < rank; i++) dimensions.push(cursor.size())
  const typeNumber = cursor.u32()
  const type = ggufTypes.get(typeNumber)
  if (type === undefined)
    throw new AppError('format.gguf.type_unknown', { path, tensor: excerpt(name), type: typeNumber })
  if (type.blockBytes === 0)
    throw new AppError('format.gguf.type_unsupported', { path, tensor: excerpt(name), type: type.name })
  const byteLength = checkedBytes(dimensions, type, { path, name })
  const offset = cursor.size()
  if (offset % alignment !== 0) {
    throw new AppError('format.gguf.offset_alignment', { path, tensor: excerpt(name), offset, alignment })
  }
  return { name, type, shape: Object.freeze(dimensions.reverse()), byteLength, offset }
}

/** Bytes of a tensor whose dimensions are given innermost first, as in the file. */
function checkedBytes(
  dimensions: readonly number[],
  type: GgufType,
  { path, name }: { path: string; name: string },
): number {
  let elements = 1
  for (const dimension of dimensions) {
    if (dimension === 0) throw new AppError('format.gguf.dimension', { path, tensor: excerpt(name) })
    elements *= dimension
    if (!Number.isSafeInteger(elements * type.blockBytes)) {
      throw new AppError('format.gguf.shape_overflow', { path, tensor: excerpt(name) })
    }
  }
  const row = dimensions[0] ?? 1
  if (row % type.blockSize !== 0) {
    throw new AppError('format.gguf.row_size', {
      path,
      tensor: excerpt(name),
      row,
      type: type.name,
      block: type.blockSize,
    })
  }
  return (elements / type.blockSize) * type.blockBytes
}

/** Where the data part begins and how it is laid out. */
export interface DataPart {
  /** Offset in the file of the end of the tensor list; the data part begins at the next multiple of the alignment. */
  readonly headerEnd: number
  readonly fileBytes: number
  readonly alignment: number
}

/**
 * Checks that the tensors fill the data part one after the other, each padded to the alignment (the writer may leave
 * out the padding behind the last one): no overlap, no hole, nothing missing, nothing left over.
 * Returns the offset of the data part in the file.
 */
export function checkDataPart(entries: readonly TensorEntry[], part: DataPart, path: string): number {
  const padded = (bytes: number) => Math.ceil(bytes / part.alignment) * part.alignment
  const start = padded(part.headerEnd)
  const ordered = [...entries].sort((a, b) => a.offset - b.offset)
  let end = 0
  for (const { name, offset, byteLength } of ordered) {
    if (offset < end) throw new AppError('format.gguf.overlap', { path, tensor: excerpt(name), offset, covered: end })
    if (offset > padded(end))
      throw new AppError('format.gguf.hole', { path, tensor: excerpt(name), offset, covered: end })
    end = offset + byteLength
  }
  if (entries.length > 0 && start + end > part.fileBytes) {
    const found = Math.max(0, part.fileBytes - start)
    throw new AppError('format.gguf.data_truncated', { path, expected: end, found })
  }
  if (part.fileBytes > start + padded(end)) {
    throw new AppError('format.gguf.trailing_data', { path, bytes: part.fileBytes - start - padded(end) })
  }
  return start
}
