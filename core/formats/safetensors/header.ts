import { AppError } from '../../kit/index.ts'
import { excerpt, isUsableName } from '../names.ts'
import { byteLengthOf, dtypes } from './dtypes.ts'
import { JsonReader } from './json-reader.ts'
import { limits } from './limits.ts'

/** One tensor as the header describes it; `begin` and `end` are byte offsets into the data part. */
export interface HeaderEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly entries: ReadonlyMap<string, HeaderEntry>
  readonly metadata: ReadonlyMap<string, string>
}

const FIELDS = ['dtype', 'shape', 'data_offsets'] as const

/**
 * Reads the JSON header strictly and checks every tensor by itself (name, type, shape, offsets, size); how the tensors
 * lie in the data part is `checkLayout`'s matter. The first problem in the order of the text is the one reported.
 */
export function parseHeader(text: string, path: string): Header {
  const reader = new JsonReader(text, (at) => new AppError('format.safetensors.header_json', { path, at }))
  const entries = new Map<string, HeaderEntry>()
  let metadata: Map<string, string> | undefined
  reader.object((name) => {
    if (entries.has(name) || (name === '__metadata__' && metadata !== undefined)) throw duplicate(path, name)
    if (name === '__metadata__') {
      metadata = parseMetadata(reader, path)
      return
    }
    if (!isUsableName(name, limits.nameLength)) {
      throw new AppError('format.safetensors.name', { path, tensor: excerpt(name), limit: limits.nameLength })
    }
    if (entries.size === limits.tensors) {
      throw new AppError('format.safetensors.too_many_tensors', { path, limit: limits.tensors })
    }
    entries.set(name, parseEntry(reader, path, name))
  })
  reader.end()
  return { entries, metadata: metadata ?? new Map() }
}

function parseMetadata(reader: JsonReader, path: string): Map<string, string> {
  if (reader.peek() !== '{') throw new AppError('format.safetensors.metadata', { path, key: '__metadata__' })
  const metadata = new Map<string, string>()
  reader.object((key) => {
    if (metadata.has(key)) throw duplicate(path, key)
    if (reader.peek() !== '"') throw new AppError('format.safetensors.metadata', { path, key: excerpt(key) })
    if (metadata.size === limits.metadataEntries) {
      throw new AppError('format.safetensors.metadata_too_large', { path, limit: limits.metadataEntries })
    }
    metadata.set(key, reader.string())
  })
  return metadata
}

function parseEntry(reader: JsonReader, path: string, name: string): HeaderEntry {
  if (reader.peek() !== '{') throw new AppError('format.safetensors.entry', { path, tensor: excerpt(name) })
  let dtype: string | undefined
  let shape: number[] | undefined
  let offsets: number[] | undefined
  reader.object((field) => {
    if (field === 'dtype') {
      if (dtype !== undefined) throw duplicate(path, field)
      dtype = reader.peek() === '"' ? reader.string() : ''
      if (!dtypes.has(dtype))
        throw new AppError('format.safetensors.dtype', { path, tensor: excerpt(name), dtype: excerpt(dtype) })
    } else if (field === 'shape') {
      if (shape !== undefined) throw duplicate(path, field)
      shape = parseNaturals(
        reader,
        () => new AppError('format.safetensors.shape', { path, tensor: excerpt(name) }),
        limits.rank,
      )
    } else if (field === 'data_offsets') {
      if (offsets !== undefined) throw duplicate(path, field)
      offsets = parseNaturals(
        reader,
        () => new AppError('format.safetensors.offsets', { path, tensor: excerpt(name) }),
        2,
      )
    } else
      throw new AppError('format.safetensors.unknown_field', { path, tensor: excerpt(name), field: excerpt(field) })
  })
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    const missing = FIELDS.filter((_, i) => [dtype, shape, offsets][i] === undefined)
    throw new AppError('format.safetensors.missing_field', { path, tensor: excerpt(name), field: missing[0] })
  }
  if (offsets.length !== 2) throw new AppError('format.safetensors.offsets', { path, tensor: excerpt(name) })
  const [begin, end] = offsets as [number, number]
  if (begin > end)
    throw new AppError('format.safetensors.offsets_reversed', { path, tensor: excerpt(name), begin, end })
  checkSize({ name, dtype, shape, begin, end }, path)
  return { name, dtype, shape: Object.freeze(shape), begin, end }
}

function checkSize({ name, dtype, shape, begin, end }: HeaderEntry, path: string): void {
  const expected = byteLengthOf(shape, dtypes.get(dtype)!.bytes)
  if (expected === undefined)
    throw new AppError('format.safetensors.shape_overflow', { path, tensor: excerpt(name), shape })
  if (expected !== end - begin) {
    throw new AppError('format.safetensors.size_mismatch', {
      path,
      tensor: excerpt(name),
      shape,
      dtype,
      expected,
      found: end - begin,
    })
  }
}

function parseNaturals(reader: JsonReader, fail: () => AppError, limit: number): number[] {
  if (reader.peek() !== '[') throw fail()
  const values: number[] = []
  reader.array(() => {
    const value = reader.natural()
    if (value === undefined || values.length === limit) throw fail()
    values.push(value)
  })
  return values
}

function duplicate(path: string, key: string): AppError {
  return new AppError('format.safetensors.duplicate_key', { path, key: excerpt(key) })
}

/**
 * Checks that the tensors cover the data part exactly: no overlap, no hole, nothing missing or left over at the end.
 * A file with a gap can carry content that no reader sees; one with an overlap can change two weights at once.
 */
export function checkLayout(entries: Iterable<HeaderEntry>, dataBytes: number, path: string): void {
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const { name, begin, end } of ordered) {
    if (begin < covered)
      throw new AppError('format.safetensors.overlap', { path, tensor: excerpt(name), begin, covered })
    if (begin > covered) throw new AppError('format.safetensors.hole', { path, tensor: excerpt(name), begin, covered })
    covered = end
  }
  if (covered > dataBytes) {
    throw new AppError('format.safetensors.data_truncated', { path, expected: covered, found: dataBytes })
  }
  if (covered < dataBytes) {
    throw new AppError('format.safetensors.trailing_data', { path, bytes: dataBytes - covered })
  }
}
