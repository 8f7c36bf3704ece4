import { join } from 'node:path'
import type { AppOptions } from '../contract/app.ts'
import { AppError, type Clock, diskFiles, systemClock } from '../kit/index.ts'
import { openStore, type Reader, STORE_FILE, type Store } from '../store/index.ts'
import type { ProcessPort } from './ports.ts'

/** What every use case shares: folders, ports and the store, opened when first needed. */
export interface AppContext {
  readonly options: AppOptions
  readonly processes: ProcessPort
  readonly clock: Clock
  /** For changes; makes this process the owner of the store until `close`. */
  store(): Store
  /** For questions; works beside another process that writes. Null while the workspace has no store. */
  reader(): Reader | null
  readonly folders: WorkspaceFolders
  close(): void
}

export interface WorkspaceFolders {
  readonly keys: string
  readonly runs: string
  readonly adapters: string
  readonly exports: string
}

export function appContext(options: AppOptions, processes: ProcessPort, clock: Clock = systemClock): AppContext {
  let writer: Store | null = null
  let closeReader: (() => void) | null = null
  let reader: Reader | null = null
  const actor = 'local'
  return {
    options,
    processes,
    clock,
    folders: {
      keys: join(options.workspace, 'keys'),
      runs: join(options.workspace, 'runs'),
      adapters: join(options.workspace, 'adapters'),
      exports: join(options.workspace, 'exports'),
    },
    store() {
      if (writer === null) {
        writer = openStore(options.workspace, { actor, clock })
        noteInterrupted(writer)
      }
      return writer
    },
    reader() {
      if (writer !== null) return writer.read
      if (reader !== null) return reader
      if (!diskFiles.exists(join(options.workspace, STORE_FILE))) return null
      const opened = openStore(options.workspace, { actor, clock, mode: 'read' })
      closeReader = () => opened.close()
      reader = opened.read
      return reader
    },
    close() {
      writer?.close()
      closeReader?.()
      writer = null
      reader = null
      closeReader = null
    },
  }
}

/** A run that still says "running" when the store gets a new owner lost its process with the old one. */
function noteInterrupted(store: Store): void {
  if (store.read.runs.list({ state: 'running', limit: 1 }).length === 0) return
  store.write((tx) => {
    for (const run of tx.runs.interruptAll()) tx.audit({ action: 'run.interrupted', subject: run })
  })
}

/** The reader of a workspace in which `run` should exist; `run.unknown` when nothing does. */
export function requireReader(context: AppContext, run: string): Reader {
  const reader = context.reader()
  if (reader === null) throw new AppError('run.unknown', { run })
  return reader
}
