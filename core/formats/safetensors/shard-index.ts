import { AppError } from '../../kit/index.ts'
import { excerpt, isUsableName } from '../names.ts'
import { openPlainFile, readExactly } from '../plain-file.ts'
import { JsonReader } from './json-reader.ts'
import { limits } from './limits.ts'

/** What `model.safetensors.index.json` says: the shard of every tensor, and the bytes of all tensors when given. */
export interface ShardIndex {
  /** Shard file name by tensor name. */
  readonly shardOf: ReadonlyMap<string, string>
  readonly totalBytes: number | undefined
}

/** Reads and checks an index file; the shards themselves are not looked at. */
export function readShardIndex(path: string): ShardIndex {
  const file = openPlainFile(path)
  try {
    if (file.size > limits.indexBytes) {
      throw new AppError('format.safetensors.index_too_large', { path, bytes: file.size, limit: limits.indexBytes })
    }
    const bytes = new Uint8Array(file.size)
    readExactly(file, bytes, 0)
    return parseShardIndex(decode(bytes, path), path)
  } finally {
    file.close()
  }
}

/** Parses the text of an index file; `path` is for messages. */
export function parseShardIndex(text: string, path: string): ShardIndex {
  const reader = new JsonReader(text, (at) => new AppError('format.safetensors.index_json', { path, at }))
  const seen = new Set<string>()
  const shardOf = new Map<string, string>()
  let totalBytes: number | undefined
  reader.object((key) => {
    if (seen.has(key)) throw new AppError('format.safetensors.index_duplicate_key', { path, key: excerpt(key) })
    if (seen.size === 64) throw new AppError('format.safetensors.index_fields', { path })
    seen.add(key)
    if (key === 'weight_map') readWeightMap(reader, path, shardOf)
    else if (key === 'metadata' && reader.peek() === '{') totalBytes = readTotalSize(reader, path)
    else reader.skipValue(16)
  })
  reader.end()
  if (shardOf.size === 0) throw new AppError('format.safetensors.index_fields', { path })
  return { shardOf, totalBytes }
}

function readWeightMap(reader: JsonReader, path: string, shardOf: Map<string, string>): void {
  if (reader.peek() !== '{') throw new AppError('format.safetensors.index_fields', { path })
  reader.object((tensor) => {
    if (shardOf.has(tensor)) {
      throw new AppError('format.safetensors.index_duplicate_key', { path, key: excerpt(tensor) })
    }
    if (!isUsableName(tensor, limits.nameLength)) {
      throw new AppError('format.safetensors.name', { path, tensor: excerpt(tensor), limit: limits.nameLength })
    }
    if (reader.peek() !== '"') throw new AppError('format.safetensors.index_fields', { path })
    const shard = reader.string()
    if (!isPlainShardName(shard)) throw new AppError('format.safetensors.shard_name', { path, shard: excerpt(shard) })
    if (shardOf.size === limits.tensors) {
      throw new AppError('format.safetensors.too_many_tensors', { path, limit: limits.tensors })
    }
    shardOf.set(tensor, shard)
  })
}

/** Some published indexes write total_size as a float (`2.0e9`), so any notation of a whole number is taken. */
function readTotalSize(reader: JsonReader, path: string): number | undefined {
  let total: number | undefined
  let seen = false
  reader.object((key) => {
    if (key !== 'total_size') {
      reader.skipValue(16)
      return
    }
    if (seen) throw new AppError('format.safetensors.index_duplicate_key', { path, key })
    seen = true
    total = reader.number()
    if (total === undefined || !Number.isSafeInteger(total) || total < 0) {
      throw new AppError('format.safetensors.index_fields', { path })
    }
  })
  return total
}

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)\./i

/** A file name that can only mean a file directly in the folder, on every platform. */
export function isPlainShardName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}\.safetensors$/.test(name) && !WINDOWS_DEVICE.test(name)
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new AppError('format.safetensors.index_json', { path, at: 0 }, { cause: error })
  }
}
