import { dirname, join } from 'node:path'
import { resolvedPath } from '../../kit/file-facts.ts'
import { AppError } from '../../kit/index.ts'
import { excerpt } from '../names.ts'
import { pathExists } from '../plain-file.ts'
import { sortedNames } from '../tensor-reader.ts'
import { limits } from './limits.ts'
import { openSafetensors, type SafetensorsSource } from './open.ts'
import { readShardIndex, type ShardIndex } from './shard-index.ts'

export interface FolderOptions {
  /** File name without endings: `model` (default) for models, `adapter_model` for PEFT adapters. */
  readonly stem?: string
}

/**
 * Opens the weights of a Hugging Face folder: `model.safetensors`, or the shards named by
 * `model.safetensors.index.json`. Every file must lie in the folder itself (links that lead out are refused), every
 * listed tensor in its shard, every tensor in one shard only and in the index, and the total size must be as declared.
 */
export function openSafetensorsFolder(folder: string, { stem = 'model' }: FolderOptions = {}): SafetensorsSource {
  const single = `${stem}.safetensors`
  if (pathExists(join(folder, single))) return openSafetensors(pathInside(folder, single))
  const indexName = `${single}.index.json`
  if (!pathExists(join(folder, indexName))) {
    throw new AppError('format.safetensors.folder_without_weights', { path: folder, file: single, index: indexName })
  }
  const indexPath = pathInside(folder, indexName)
  const index = readShardIndex(indexPath)
  const shardNames = sortedNames(new Set(index.shardOf.values()))
  if (shardNames.length > limits.shards) {
    throw new AppError('format.safetensors.too_many_shards', { path: indexPath, limit: limits.shards })
  }
  const shards = new Map<string, SafetensorsSource>()
  try {
    for (const shard of shardNames) shards.set(shard, openSafetensors(pathInside(folder, shard)))
    checkShards(index, shards, indexPath)
  } catch (error) {
    for (const shard of shards.values()) shard.close()
    throw error
  }
  return joinShards(index, shards, indexPath)
}

/** The real path of `name`, which must exist directly in `folder` once all links are followed. */
function pathInside(folder: string, name: string): string {
  const real = resolvedPath(join(folder, name))
  if (real === undefined) throw new AppError('format.safetensors.shard_missing', { path: folder, shard: name })
  if (dirname(real) !== resolvedPath(folder)) {
    throw new AppError('format.safetensors.shard_link', { path: folder, shard: name })
  }
  return real
}

function checkShards(index: ShardIndex, shards: ReadonlyMap<string, SafetensorsSource>, path: string): void {
  const owner = new Map<string, string>()
  let bytes = 0
  for (const [shard, source] of shards) {
    for (const name of source.names()) {
      const tensor = excerpt(name)
      const other = owner.get(name)
      if (other !== undefined) {
        throw new AppError('format.safetensors.shard_duplicate', { path, tensor, first: other, second: shard })
      }
      if (!index.shardOf.has(name)) throw new AppError('format.safetensors.shard_unlisted', { path, tensor, shard })
      owner.set(name, shard)
      bytes += source.info(name).byteLength
    }
  }
  for (const [name, shard] of index.shardOf) {
    if (owner.get(name) !== shard) {
      throw new AppError('format.safetensors.shard_tensor_missing', { path, tensor: excerpt(name), shard })
    }
  }
  if (index.totalBytes !== undefined && index.totalBytes !== bytes) {
    throw new AppError('format.safetensors.total_size', { path, declared: index.totalBytes, found: bytes })
  }
}

function joinShards(
  index: ShardIndex,
  shards: ReadonlyMap<string, SafetensorsSource>,
  path: string,
): SafetensorsSource {
  const names = sortedNames(index.shardOf.keys())
  const sourceOf = (name: string): SafetensorsSource => {
    const shard = shards.get(index.shardOf.get(name) ?? '')
    if (shard === undefined) throw new AppError('format.tensor_missing', { path, tensor: name })
    return shard
  }
  return {
    kind: 'safetensors',
    path,
    metadata: [...shards.values()][0].metadata,
    names: () => names,
    info: (name) => sourceOf(name).info(name),
    readBytes: (name) => sourceOf(name).readBytes(name),
    readFloat32: (name, into) => sourceOf(name).readFloat32(name, into),
    close() {
      for (const shard of shards.values()) shard.close()
    },
  }
}
