import { join } from 'node:path'
import { openGguf } from '../formats/gguf/index.ts'
import { openSafetensors, openSafetensorsFolder } from '../formats/safetensors/index.ts'
import type { TensorSource } from '../formats/tensor-source.ts'
import { AppError, diskFiles, openForReading } from '../kit/index.ts'
import type { ModelConfig } from './config.ts'
import { configOfHuggingFace } from './families/index.ts'
import { configOfGguf, ggufName, unpermuteRows } from './gguf.ts'
import type { NamedTensors } from './weights.ts'

/** An opened, checked base model: architecture and tensors, nothing loaded yet. */
export interface OpenedModel {
  readonly path: string
  readonly kind: 'folder' | 'gguf'
  readonly config: ModelConfig
  readonly tensors: NamedTensors
  readonly source: TensorSource
  /** GGUF metadata (tokenizer and chat template live there); null for folders. */
  readonly metadata: ReadonlyMap<string, unknown> | null
  close(): void
}

/** Largest side file of a model that is read at all (tokenizer.json of large vocabularies is about 20 MB). */
const sideFileLimit = 128 * 2 ** 20

/** Reads one JSON file of a model folder; `model.file_missing`, `model.json_invalid`. */
export function readModelJson(folder: string, name: string): Record<string, unknown> {
  const path = join(folder, name)
  if (!diskFiles.exists(path)) throw new AppError('model.file_missing', { folder, file: name })
  let value: unknown
  try {
    value = JSON.parse(readModelText(path))
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('model.json_invalid', { path }, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('model.json_invalid', { path })
  }
  return value as Record<string, unknown>
}

/** Reads a small UTF-8 side file of a model; refuses anything larger than a tokenizer can be. */
export function readModelText(path: string): string {
  const file = openForReading(path)
  try {
    if (file.size > sideFileLimit) throw new AppError('model.json_invalid', { path })
    const bytes = new Uint8Array(file.size)
    file.readInto(bytes, 0)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('model.json_invalid', { path }, { cause })
  } finally {
    file.close()
  }
}

/** Opens a Hugging Face folder (safetensors, one file or shards) or a .gguf file by its content. Nothing is executed. */
export function openModel(path: string): OpenedModel {
  if (!diskFiles.exists(path)) throw new AppError('model.path_missing', { path })
  return isFolder(path) ? openFolder(path) : openGgufModel(path)
}

function isFolder(path: string): boolean {
  try {
    diskFiles.list(path)
    return true
  } catch {
    return false
  }
}

function openFolder(folder: string): OpenedModel {
  const config = configOfHuggingFace(readModelJson(folder, 'config.json'))
  const sharded = diskFiles.exists(join(folder, 'model.safetensors.index.json'))
  const single = join(folder, 'model.safetensors')
  if (!sharded && !diskFiles.exists(single))
    throw new AppError('model.file_missing', { folder, file: 'model.safetensors' })
  const source = sharded ? openSafetensorsFolder(folder) : openSafetensors(single)
  const names = new Set(source.names())
  const tensors: NamedTensors = {
    has: (name) => names.has(name),
    shape: (name) => source.info(name).shape,
    read: (name) => source.readFloat32(name),
  }
  return { path: folder, kind: 'folder', config, tensors, source, metadata: null, close: () => source.close() }
}

function openGgufModel(path: string): OpenedModel {
  const source = openGguf(path)
  try {
    const names = new Set(source.names())
    const divisors = names.has('rope_freqs.weight') ? [...source.readFloat32('rope_freqs.weight')] : null
    const vocab = names.has('token_embd.weight') ? source.info('token_embd.weight').shape[0]! : 0
    const { config, family } = configOfGguf({
      metadata: source.metadata,
      tensorNames: [...names],
      ropeDivisors: divisors,
      vocab,
    })
    const tensors: NamedTensors = {
      has: (name) => names.has(ggufName(name)),
      shape: (name) => source.info(ggufName(name)).shape,
      read(name) {
        const values = source.readFloat32(ggufName(name))
        const heads = permutedHeads(name, config)
        if (family.ggufPermutesQueryKey && heads !== null)
          unpermuteRows(values, heads, source.info(ggufName(name)).shape[1] ?? 1)
        return values
      },
    }
    return { path, kind: 'gguf', config, tensors, source, metadata: source.metadata, close: () => source.close() }
  } catch (error) {
    source.close()
    throw error
  }
}

/** Heads whose rows llama.cpp permutes in this tensor, or null. */
function permutedHeads(name: string, config: ModelConfig): number | null {
  if (/\.q_proj\.(weight|bias)$/.test(name)) return config.heads
  if (/\.k_proj\.(weight|bias)$/.test(name)) return config.kvHeads
  return null
}
