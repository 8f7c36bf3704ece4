import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { type AppContext, appContext } from '../core/app/context.ts'
import { dataImport, dataProfile } from '../core/app/data.ts'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import { integer, list } from '../core/cli/usage.ts'
import type { AppOptions, DataSource } from '../core/contract/app.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { readRows } from '../core/data/index.ts'
import { openTable } from '../core/formats/tables/index.ts'
import { nodeProcesses } from '../core/host/index.ts'
import { AppError, systemClock } from '../core/kit/index.ts'
import { writeTable } from './import-table.ts'
import { type MachineReport, machineReport, peakMemory } from './machine.ts'
import { appOptions } from './model.ts'
import { renderResult } from './render.ts'
import { textsIn } from './texts.ts'

/**
 * Ways through the table, from the least memory to the most, because the peak of a process never falls:
 * `read` the reader alone · `profile` with columns mapped, digests, classes and duplicates (`airlock data profile`) ·
 * `store` all that and every row in the store (`airlock data import`) · `memory` all rows at once, as a recipe takes them.
 */
export const STAGES = ['read', 'profile', 'store', 'memory'] as const
export type ImportStage = (typeof STAGES)[number]

export interface StageResult {
  readonly seconds: number
  readonly rowsPerSecond: number
  /** Of this process up to the end of the stage. */
  readonly peakMemoryBytes: number
  /** Longest time in which a request to stop could not be heard. */
  readonly longestPauseSeconds: number
}

export interface ImportResult extends Omit<MachineReport, 'threads'>, StageResult {
  readonly command: 'import'
  readonly rows: number
  readonly bytes: number
  /** The stage that the figures on top belong to. */
  readonly measures: ImportStage
  readonly stages: Partial<Record<ImportStage, StageResult>>
}

export function registerImport(parent: Command, session: Session): void {
  const texts = textsIn(session.lang)
  parent
    .command('import')
    .description(texts.import)
    .option('--rows <n>', texts.importRows, integer('--rows', 1), 1_000_000)
    .option('--stages <list>', texts.stages, list('--stages', STAGES), ['read', 'profile', 'store'])
    .action((options: { rows: number; stages: ImportStage[] }, command: Command) =>
      session.work(command, {
        call: (io) => {
          const { seed } = command.optsWithGlobals<CommonOptions>()
          return benchImport({ ...options, seed: seed ?? 42 }, appOptions(session, command), io)
        },
        render: renderResult,
      }),
    )
}

export interface ImportSettings {
  readonly rows: number
  readonly stages: readonly ImportStage[]
  readonly seed: number
}

/** Writes a seeded table into a folder that is removed afterwards, and takes it through the stages. Errors: `data.*`, `disk.full`. */
export async function benchImport(settings: ImportSettings, options: AppOptions, io: AppIo): Promise<ImportResult> {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-bench-'))
  try {
    const path = join(folder, 'table.csv')
    const bytes = writeTable(path, settings.rows, settings.seed)
    const stages: Partial<Record<ImportStage, StageResult>> = {}
    for (const stage of STAGES.filter((name) => settings.stages.includes(name))) {
      const context = appContext({ ...options, workspace: join(folder, stage) }, nodeProcesses)
      try {
        stages[stage] = await timed(settings.rows, () => passes[stage]({ path, context, io }))
      } finally {
        context.close()
      }
    }
    const measures = settings.stages.includes('profile') ? 'profile' : settings.stages[0]
    const { threads: _none, ...machine } = machineReport(1)
    return { command: 'import', rows: settings.rows, bytes, measures, ...stages[measures]!, stages, ...machine }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Pass {
  readonly path: string
  readonly context: AppContext
  readonly io: AppIo
}

/** Each stage as a whole pass; the number of rows that came out. */
const passes: Readonly<Record<ImportStage, (pass: Pass) => Promise<number>>> = {
  async read({ path, io }) {
    let rows = 0
    const progress = (done: number, total: number): void => io.progress({ stage: 'import', done, total, unit: 'bytes' })
    for (const _record of openTable(path, { cancel: io.cancel, progress }).records) {
      if (++rows % 1024 === 0) await setImmediate() // a request to stop comes in here
    }
    return rows
  },
  profile: async ({ path, context, io }) => (await dataProfile(context, sourceOf(path), io)).rows,
  store: async ({ path, context, io }) => (await dataImport(context, { ...sourceOf(path), name: null }, io)).rows,
  async memory({ path, io }) {
    return readRows({ paths: [path], columns: { ...COLUMNS }, task: 'classification', split: 'train' }, io).count
  },
}

const COLUMNS = { text: 'text', label: 'label' } as const
const sourceOf = (path: string): DataSource => ({ files: [path], dataset: null, columns: COLUMNS, labels: null })

async function timed(rows: number, pass: () => Promise<number>): Promise<StageResult> {
  const pauses = monitorEventLoopDelay({ resolution: 1 })
  pauses.enable()
  await setTimeout(5) // the first tick must come before the first pause
  const began = systemClock.seconds()
  const found = await pass()
  const seconds = systemClock.seconds() - began
  await setTimeout(5) // the last pause is noted by the next tick
  pauses.disable()
  if (found !== rows) throw new AppError('internal.invariant', { message: `${found} of ${rows} rows came out` })
  return {
    seconds,
    rowsPerSecond: rows / seconds,
    peakMemoryBytes: peakMemory(),
    longestPauseSeconds: pauses.max / 1e9,
  }
}
