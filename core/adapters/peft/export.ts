import type { ModelFingerprint } from '../../contract/domain/fingerprint.ts'
import { encodeSafetensors } from '../../formats/safetensors/index.ts'
import { canonicalJson, invariant, sha256 } from '../../kit/index.ts'
import { writeFolder } from '../folder.ts'
import { encodePeftConfig, type PeftConfig } from './config.ts'
import { checkFinite, isTarget, type PeftTensor, pairUp } from './tensors.ts'

export const CONFIG_FILE = 'adapter_config.json'
export const WEIGHTS_FILE = 'adapter_model.safetensors'
/** Entry of the weight file's metadata that other readers ignore: which base model the adapter belongs to. */
export const FINGERPRINT_KEY = 'airlock.base'

export interface PeftAdapterInput {
  readonly config: PeftConfig
  readonly tensors: readonly PeftTensor[]
  /** Of the base model; stored in the weight file so that a bare folder can be judged too. */
  readonly fingerprint?: ModelFingerprint
  /** Replaces an existing folder; otherwise that is refused. */
  readonly replace?: boolean
}

export interface ExportedAdapter {
  readonly folder: string
  /** Digest of `adapter_model.safetensors`: the identity of the adapter. */
  readonly sha256: string
  readonly bytes: number
}

/** The two files of an adapter in PEFT layout. Equal input gives equal bytes, whatever the order of the tensors. */
export function encodePeft({ config, tensors, fingerprint }: PeftAdapterInput): { path: string; data: Uint8Array }[] {
  const pairs = pairUp(tensors, config.rank)
  for (const { module } of pairs) {
    invariant(isTarget(module, config.targets), `${module} is not among the adapter's targets`)
  }
  for (const target of config.targets) {
    const isUsed = pairs.some(({ module }) => isTarget(module, [target]))
    invariant(isUsed, `the adapter has no tensors for its target ${target}`)
  }
  for (const { name, data } of tensors) checkFinite(name, data)
  const metadata = { format: 'pt', ...(fingerprint && { [FINGERPRINT_KEY]: canonicalJson(fingerprint) }) }
  const stored = tensors.map(({ name, shape, data }) => ({ name, dtype: 'F32', shape, data }))
  return [
    { path: CONFIG_FILE, data: new TextEncoder().encode(encodePeftConfig(config)) },
    { path: WEIGHTS_FILE, data: encodeSafetensors(stored, metadata) },
  ]
}

/**
 * Writes an adapter as a PEFT folder, whole or not at all; the PEFT library loads it unchanged.
 * @throws adapter.base_id_path, adapter.not_finite, adapter.folder_exists, adapter.write_failed
 */
export async function exportPeft(folder: string, input: PeftAdapterInput): Promise<ExportedAdapter> {
  const files = encodePeft(input)
  await writeFolder({ folder, ...(input.replace && { replace: true }) }, (put) => {
    for (const { path, data } of files) put(path, data)
  })
  const weights = files[1].data
  return { folder, sha256: sha256(weights), bytes: weights.byteLength }
}
