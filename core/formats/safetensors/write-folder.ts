import { join } from 'node:path'
import { diskFiles, type FilePort, invariant, writeAtomic } from '../../kit/index.ts'
import { encodeSafetensors, type SafetensorsTensor, tensorBytes } from './encode.ts'

export interface WriteFolderOptions {
  /** File name without endings; `model` by default. */
  readonly stem?: string
  /** Tensor bytes of one file, at most; a single larger tensor gets a file of its own. Default 5 GB, as is usual. */
  readonly maxShardBytes?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly files?: FilePort
}

/**
 * Writes weights as a Hugging Face folder: `model.safetensors`, or numbered shards and then, last, the index, so that a
 * crash never leaves an index whose shards are incomplete. Tensors are placed in name order. Each file is written whole
 * or not at all, and only one shard is in memory at a time when the tensors give their data by functions.
 * Returns the names of the files in the order of writing.
 */
export function writeSafetensorsFolder(
  folder: string,
  tensors: readonly SafetensorsTensor[],
  { stem = 'model', maxShardBytes = 5e9, metadata = {}, files = diskFiles }: WriteFolderOptions = {},
): string[] {
  const shards = planShards(tensors, maxShardBytes)
  if (shards.length === 1) {
    const name = `${stem}.safetensors`
    writeAtomic(join(folder, name), encodeSafetensors(shards[0], metadata), files)
    return [name]
  }
  const shardName = (i: number) => `${stem}-${fiveDigits(i + 1)}-of-${fiveDigits(shards.length)}.safetensors`
  shards.forEach((shard, i) => {
    writeAtomic(join(folder, shardName(i)), encodeSafetensors(shard, metadata), files)
  })
  const indexName = `${stem}.safetensors.index.json`
  const entries = shards.flatMap((shard, i) =>
    shard.map(({ name }) => `    ${JSON.stringify(name)}: "${shardName(i)}"`),
  )
  const totalBytes = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0)
  const index = `{\n  "metadata": {\n    "total_size": ${totalBytes}\n  },\n  "weight_map": {\n${entries.join(',\n')}\n  }\n}\n`
  writeAtomic(join(folder, indexName), index, files)
  return [...shards.map((_, i) => shardName(i)), indexName]
}

/** Fills shards in name order; every shard holds at least one tensor. */
function planShards(tensors: readonly SafetensorsTensor[], maxShardBytes: number): SafetensorsTensor[][] {
  const ordered = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))
  ordered.forEach((tensor, i) => {
    invariant(i === 0 || tensor.name !== ordered[i - 1].name, `repeated tensor name ${tensor.name}`)
  })
  const shards: SafetensorsTensor[][] = [[]]
  let bytes = 0
  for (const tensor of ordered) {
    const size = tensorBytes(tensor)
    if (bytes > 0 && bytes + size > maxShardBytes) {
      shards.push([])
      bytes = 0
    }
    shards[shards.length - 1].push(tensor)
    bytes += size
  }
  return shards
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, '0')
}
