import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import type { AppIo, LogEntry, ProgressEvent } from '../contract/progress.ts'
import { encodeSafetensors } from '../formats/safetensors/index.ts'
import { AppError, type CancelToken, isAppError, neverCancelled, randomStream } from '../kit/index.ts'
import { configOfHuggingFace, requiredTensors } from '../models/index.ts'
import { type AppContext, appContext } from './context.ts'
import type { ProcessPort } from './ports.ts'

/** A port that no use case of these tests may need. */
const noProcesses: ProcessPort = {
  start() {
    throw new Error('no process may be started here')
  },
  ownMemory: () => 0,
}

export interface TestIo extends AppIo {
  readonly events: ProgressEvent[]
  readonly logs: LogEntry[]
}

/** Keeps what a use case says. */
export function testIo(settings: { cancel?: CancelToken; lang?: AppIo['lang'] } = {}): TestIo {
  const events: ProgressEvent[] = []
  const logs: LogEntry[] = []
  return {
    cancel: settings.cancel ?? neverCancelled,
    lang: settings.lang ?? 'en',
    events,
    logs,
    progress: (event) => void events.push(event),
    log: (entry) => void logs.push(entry),
  }
}

/** A token that is requested once it was asked so many times: a signal in the middle of the work. */
export function cancelAfter(times: number): CancelToken {
  let asked = 0
  return {
    get requested() {
      return asked > times
    },
    throwIfRequested() {
      if (++asked > times) throw new AppError('job.cancelled')
    },
  }
}

/** The code of the error that `work` ends with, `accepted` when it ends well. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
}

export interface TestPlace {
  /** A folder for the files of one test. */
  readonly folder: string
  /** Writes a file below the folder and returns its path. */
  put(name: string, data: string | Uint8Array): string
  /** A workspace of its own; the same name gives the same folders with a new context. */
  workspace(name?: string, settings?: { passphrase?: string }): AppContext
}

/** Temporary folders and workspaces, closed and removed after each test. */
export function testPlace(): TestPlace {
  let folder: string | undefined
  const opened: AppContext[] = []
  const root = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'airlock-app-'))
    return folder
  }
  afterEach(() => {
    for (const context of opened.splice(0)) context.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    folder = undefined
  })
  return {
    get folder() {
      return root()
    },
    put(name, data) {
      const path = join(root(), name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, data)
      return path
    },
    workspace(name = 'workspace', { passphrase } = {}) {
      const options = {
        workspace: join(root(), name),
        modelCache: join(root(), 'cache'),
        logs: join(root(), 'logs'),
        threads: 1,
        passphrase: passphrase ?? null,
        version: '0.1.0',
      }
      const context = appContext(options, noProcesses)
      opened.push(context)
      return context
    },
  }
}

const TINY = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 4,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  vocab_size: 520,
  hidden_act: 'silu',
}

/** Writes a complete model folder with random weights, stored as float32 or rounded to bfloat16. */
export function tinyModel(folder: string, { seed = 1, dtype = 'F32' as 'F32' | 'BF16' } = {}): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(TINY))
  const tokenizer = fileURLToPath(new URL('../../tests/fixtures/tokenizers/bpe-bytelevel/', import.meta.url))
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) cpSync(join(tokenizer, name), join(folder, name))
  const stream = randomStream(seed, 'tiny model')
  const tensors = [...requiredTensors(configOfHuggingFace(TINY))].map(([name, shape]) => {
    const values = Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => stream.normal())
    // The upper half of a float32 is its bfloat16, cut off.
    const halves = new Uint16Array(values.buffer).filter((_, i) => i % 2 === 1)
    return { name, dtype, shape, data: dtype === 'F32' ? values : halves }
  })
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors))
  return folder
}
