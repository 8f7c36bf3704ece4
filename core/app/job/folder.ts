import { join } from 'node:path'
import type { ModelFingerprint } from '../../contract/domain/fingerprint.ts'
import type { Recipe } from '../../contract/recipe/index.ts'
import type { DataResult } from '../../contract/result.ts'
import type { DataRow } from '../../data/index.ts'
import { AppError, diskFiles, writeAtomic } from '../../kit/index.ts'
import type { TrainPlan } from '../../train/index.ts'

/** What a job must know besides its rows; the folder can be carried to another machine as it is. */
export interface Job {
  readonly schemaVersion: 1
  readonly run: string
  readonly project: string
  readonly codeVersion: string
  readonly recipe: Recipe
  readonly model: { readonly id: string; readonly path: string; readonly fingerprint: ModelFingerprint }
  readonly labels: readonly string[]
  readonly data: DataResult
  /** Training rows a class before balancing. */
  readonly classesBefore: Readonly<Record<string, number>>
  /** What the data steps observed, as counts. */
  readonly findings: readonly { readonly kind: string; readonly count: number; readonly removed: boolean }[]
  /** Identity of the test split. */
  readonly testHash: string
  readonly threads: number
  /** Memory the training process may take, in bytes. */
  readonly memoryBytes: number
  /** Whether the job ends with an evaluation on the test rows (`run`) or with the adapter (`tune`). */
  readonly evaluates: boolean
}

/** A row as the job sees it. */
export type JobRow = Pick<DataRow, 'id' | 'fields' | 'label' | 'weight' | 'split'>

/** Paths inside one job folder. */
export interface JobFolder {
  readonly path: string
  readonly job: string
  readonly rows: string
  readonly plan: string
  readonly checkpoints: string
  readonly result: string
  readonly adapter: string
  readonly training: string
  predictions(which: 'base' | 'tuned'): string
}

export function jobFolder(path: string): JobFolder {
  const result = join(path, 'result')
  return {
    path,
    job: join(path, 'job.json'),
    rows: join(path, 'rows.jsonl'),
    plan: join(path, 'plan.json'),
    checkpoints: join(path, 'checkpoints'),
    result,
    adapter: join(result, 'adapter'),
    training: join(result, 'training.json'),
    predictions: (which) => join(result, `predictions-${which}.jsonl`),
  }
}

/** Writes a new job folder; the job description comes last, so a folder with one is complete. */
export function writeJob(folder: JobFolder, job: Job, rows: Iterable<DataRow>): void {
  diskFiles.makeFolder(folder.result)
  const lines: string[] = []
  for (const { id, fields, label, weight, split } of rows)
    lines.push(JSON.stringify({ id, fields, label, weight, split }))
  writeAtomic(folder.rows, `${lines.join('\n')}\n`)
  writeAtomic(folder.job, JSON.stringify(job, null, 2))
}

export function readJob(folder: JobFolder): Job {
  if (!diskFiles.exists(folder.job)) throw new AppError('run.folder_missing', { folder: folder.path })
  return readJson<Job>(folder.job)
}

export function readJobRows(folder: JobFolder): JobRow[] {
  return readLines<JobRow>(folder.rows)
}

export function readPlan(folder: JobFolder): TrainPlan | null {
  return diskFiles.exists(folder.plan) ? readJson<TrainPlan>(folder.plan) : null
}

export function readJson<T>(path: string): T {
  return JSON.parse(new TextDecoder().decode(diskFiles.read(path))) as T
}

/** Reads our own JSON-lines files. */
export function readLines<T>(path: string): T[] {
  const text = new TextDecoder().decode(diskFiles.read(path))
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

export function writeLines(path: string, items: readonly unknown[]): void {
  writeAtomic(path, `${items.map((item) => JSON.stringify(item)).join('\n')}\n`)
}
