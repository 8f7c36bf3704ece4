import { join } from 'node:path'
import { type ModelFingerprint, modelFingerprintSchema } from '../../contract/domain/fingerprint.ts'
import { openSafetensors, type SafetensorsSource } from '../../formats/safetensors/index.ts'
import { printable } from '../../formats/zip/index.ts'
import { AppError, diskFiles } from '../../kit/index.ts'
import { parseJson, readSmallFile } from '../smallFile.ts'
import { type ParsedConfig, type PeftConfig, parsePeftConfig, scaleOf } from './config.ts'
import { CONFIG_FILE, FINGERPRINT_KEY, WEIGHTS_FILE } from './export.ts'
import { checkFinite, isTarget, type LoraPair, type PeftTensor, pairUp, peftTensorName, targetsOf } from './tensors.ts'

export interface PeftAdapter {
  readonly config: PeftConfig
  /** Factor on B·A. */
  readonly scale: number
  /** Sorted by module. */
  readonly pairs: readonly LoraPair[]
  /** The same values under their stored names, sorted by name. */
  readonly tensors: readonly PeftTensor[]
  /** Of the base model, where the adapter was exported with it. */
  readonly fingerprint: ModelFingerprint | null
}

const MAX_CONFIG = 1024 * 1024
const FLOATS = new Set(['F32', 'F16', 'BF16'])

/**
 * Reads an adapter folder in PEFT layout, ours or PEFT's own, into float32 memory. Never executes anything: weights
 * come from safetensors only.
 * @throws adapter.* with one code a cause, format.safetensors.* for a malformed weight file
 */
export function readPeft(folder: string): PeftAdapter {
  const json = parseJson(readSmallFile(join(folder, CONFIG_FILE), MAX_CONFIG, 'adapter.config_missing'))
  const config = parsePeftConfig(json)
  const path = join(folder, WEIGHTS_FILE)
  if (!diskFiles.exists(path)) {
    const pickled = diskFiles.exists(join(folder, 'adapter_model.bin'))
    throw new AppError(pickled ? 'adapter.pickle' : 'adapter.weights_missing', { folder })
  }
  const source = openSafetensors(path)
  try {
    return readTensors(source, config)
  } finally {
    source.close()
  }
}

function readTensors(source: SafetensorsSource, config: ParsedConfig): PeftAdapter {
  const infos = source.names().map((name) => source.info(name))
  const shapes = pairUp(infos, config.rank)
  for (const { name, dtype } of infos) {
    if (!FLOATS.has(dtype)) throw new AppError('adapter.dtype_unsupported', { tensor: printable(name), dtype })
  }
  for (const { module } of shapes) {
    if (Array.isArray(config.targets) && !isTarget(module, config.targets)) {
      throw new AppError('adapter.tensor_unexpected', { tensor: peftTensorName(module, 'A') })
    }
  }
  const read = (name: string): Float32Array => {
    const data = source.readFloat32(name)
    checkFinite(name, data)
    return data
  }
  const tensors = infos.map(({ name, shape }) => ({ name, shape, data: read(name) }))
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor.data]))
  const half = (module: string, which: 'A' | 'B'): Float32Array =>
    byName.get(peftTensorName(module, which)) as Float32Array
  const pairs = shapes.map((pair) => ({ ...pair, a: half(pair.module, 'A'), b: half(pair.module, 'B') }))
  const full = { ...config, targets: targetsOf(shapes, config.targets) }
  return { config: full, scale: scaleOf(full), pairs, tensors, fingerprint: storedFingerprint(source) }
}

/** @throws adapter.fingerprint_invalid when the entry is there but unreadable: a wrong base must not pass for unknown */
function storedFingerprint({ metadata }: SafetensorsSource): ModelFingerprint | null {
  const text = metadata.get(FINGERPRINT_KEY)
  if (text === undefined) return null
  const parsed = modelFingerprintSchema.safeParse(parseJson(new TextEncoder().encode(text)))
  if (!parsed.success) throw new AppError('adapter.fingerprint_invalid', {})
  return parsed.data
}
