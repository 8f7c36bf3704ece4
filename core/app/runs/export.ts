import { basename, join } from 'node:path'
import type { AirlockApp } from '../../contract/app.ts'
import type { AppIo } from '../../contract/progress.ts'
import { unavailableFormat } from '../../contract/recipe/index.ts'
import type { RunResult } from '../../contract/result.ts'
import { AppError, diskFiles, writeAtomic } from '../../kit/index.ts'
import type { AppContext } from '../context.ts'
import { jobFolder } from '../job/folder.ts'

/** Copies what a finished run handed over into another folder. Nothing there is overwritten. */
export async function exportRun(
  context: AppContext,
  input: Parameters<AirlockApp['exportRun']>[0],
  io: AppIo,
): ReturnType<AirlockApp['exportRun']> {
  const missing = unavailableFormat(input.formats)
  if (missing !== null) throw new AppError('feature.unavailable', { feature: missing })
  const store = context.store()
  const record = store.read.runs.byId(input.run)
  if (record === undefined) throw new AppError('run.unknown', { run: input.run })
  const result = record.summary as unknown as RunResult | null
  if (record.state !== 'done' || result === null) throw new AppError('run.not_finished', { run: input.run })
  const folder = jobFolder(record.jobFolder)
  const sources = new Map<string, string[]>()
  if (input.formats.includes('peft'))
    sources.set(
      'peft',
      ['adapter_config.json', 'adapter_model.safetensors'].map((n) => join(folder.adapter, n)),
    )
  if (input.formats.includes('bundle')) {
    if (result.artifacts.bundle === undefined) throw new AppError('run.no_bundle', { run: input.run })
    sources.set('bundle', [result.artifacts.bundle])
  }
  const artifacts: Record<string, string> = {}
  for (const [format, files] of sources) {
    const target = format === 'peft' ? join(input.to, `${record.id}-adapter`) : input.to
    artifacts[format] = format === 'peft' ? target : join(target, basename(files[0]!))
    if (diskFiles.exists(artifacts[format])) throw new AppError('run.export_exists', { path: artifacts[format] })
    diskFiles.makeFolder(target)
    for (const file of files) writeAtomic(join(target, basename(file)), diskFiles.read(file))
    io.progress({ stage: 'export', done: Object.keys(artifacts).length, total: sources.size, unit: 'files' })
  }
  store.write((tx) => tx.audit({ action: 'run.export', subject: input.run, detail: { formats: input.formats } }))
  return { run: input.run, artifacts }
}
