import { join } from 'node:path'
import { encodeSafetensors, openSafetensors } from '../formats/safetensors/index.ts'
import { AppError, diskFiles, type FilePort, isAppError, sha256, writeAtomic } from '../kit/index.ts'
import { type AdapterState, adapterState } from './optimizer.ts'

/** A saved point of a run: everything that resuming needs besides the job folder. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number
  readonly planHash: string
  readonly state: AdapterState
  /** Plain data carried along: the step reports so far. */
  readonly history: unknown
}

const pattern = /^checkpoint-(\d{7})\.safetensors$/
const arrays = ['values', 'firstMoment', 'secondMoment'] as const

/** The metadata of the file, as text. */
interface Facts {
  readonly step: string
  readonly planHash: string
  readonly history: string
}

/** Kept checkpoints: the newest and the one before it, in case the newest is damaged on disk. */
const kept = 2

/** Writes one checkpoint whole or not at all, then removes those no longer needed. */
export function writeCheckpoint(
  folder: string,
  checkpoint: Omit<Checkpoint, 'state'> & { state: Omit<AdapterState, 'gradient'> },
  files: FilePort = diskFiles,
): string {
  files.makeFolder(folder)
  const { state } = checkpoint
  const tensors = arrays.map((name) => ({
    name,
    dtype: 'F32' as const,
    shape: [state[name].length],
    data: state[name],
  }))
  const facts = {
    step: String(checkpoint.step),
    planHash: checkpoint.planHash,
    history: JSON.stringify(checkpoint.history),
  }
  const bytes = encodeSafetensors(tensors, { ...facts, digest: contentDigest(facts, state) })
  const path = join(folder, `checkpoint-${String(checkpoint.step).padStart(7, '0')}.safetensors`)
  writeAtomic(path, bytes, files)
  for (const name of checkpointNames(folder, files).slice(0, -kept)) files.remove(join(folder, name))
  return path
}

/** Covers everything a checkpoint says, so that a flipped bit anywhere makes it a damaged one. */
function contentDigest(facts: Facts, state: Omit<AdapterState, 'gradient'>): string {
  const { step, planHash, history } = facts
  const digests = arrays.map((name) =>
    sha256(new Uint8Array(state[name].buffer, state[name].byteOffset, state[name].byteLength)),
  )
  return sha256(JSON.stringify([step, planHash, history, ...digests]))
}

/** Names oldest first; unfinished `.partial` files are never among them. */
function checkpointNames(folder: string, files: FilePort): string[] {
  if (!files.exists(folder)) return []
  return files.list(folder).filter((name) => pattern.test(name))
}

/** The newest checkpoint that is whole and belongs to this plan, or null. A damaged newest one gives way to the one before. */
export function readLatestCheckpoint(folder: string, planHash: string, files: FilePort = diskFiles): Checkpoint | null {
  for (const name of checkpointNames(folder, files).reverse()) {
    const checkpoint = readCheckpoint(join(folder, name))
    if (checkpoint === null) continue
    if (checkpoint.planHash !== planHash) throw new AppError('train.plan_changed', { checkpoint: name })
    return checkpoint
  }
  return null
}

/** Null when the file is damaged in any way; errors of the disk itself are not hidden. */
function readCheckpoint(path: string): Checkpoint | null {
  try {
    const file = openSafetensors(path)
    try {
      return contentOf(file)
    } finally {
      file.close()
    }
  } catch (error) {
    if (isAppError(error)) return null
    throw error
  }
}

function contentOf(file: ReturnType<typeof openSafetensors>): Checkpoint | null {
  const fact = (name: keyof Facts): string => file.metadata.get(name) ?? ''
  const facts = { step: fact('step'), planHash: fact('planHash'), history: fact('history') }
  const state = {
    ...adapterState(file.readFloat32('values')),
    firstMoment: file.readFloat32('firstMoment'),
    secondMoment: file.readFloat32('secondMoment'),
  }
  if (contentDigest(facts, state) !== file.metadata.get('digest')) return null
  const { step, planHash, history } = facts
  return { step: Number(step), planHash, history: JSON.parse(history), state }
}
