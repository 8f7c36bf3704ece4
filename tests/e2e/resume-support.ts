import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RunSummary } from '../../core/contract/app.ts'
import type { RunResult } from '../../core/contract/result.ts'
import { randomStream } from '../../core/kit/index.ts'
import { type TinyProject, writeTinyProject } from '../support/tiny-model.ts'
import { type CliResult, childrenOf, onlyObject, type Sandbox, treeHash, until } from './cli.ts'

export type Result = RunResult & { adapter: { sha256: string } }

/** Long enough to be hit in the middle: 40 steps with dropout and shuffling, saved every second step. */
export const longRun = {
  model: 'tiny',
  'train.epochs': 60,
  'train.maxSteps': 40,
  'train.batchSize': 40,
  'train.checkpointEvery': 2,
  'method.dropout': 0.1,
}

export function longProject(box: Sandbox): TinyProject {
  return writeTinyProject(join(box.path, 'project'), longRun)
}

/** Runs a recipe to its end in a workspace of its own. */
export async function uninterrupted(
  box: Sandbox,
  project: TinyProject,
  workspace: string,
  args: string[] = [],
): Promise<Result> {
  await box.json(['model', 'add', project.model, '--name', 'tiny'], { workspace })
  return box.json<Result>(['run', project.recipe, ...args], { workspace })
}

/** Everything that must not depend on interruptions: bytes of the adapter, losses, scores. */
export function outcome({ train, adapter, evaluation, planHash, artifacts }: Result): unknown {
  const { losses, learningRates, gradNorms, steps, supervisedTokens } = train
  const files = treeHash(artifacts.peft!)
  return {
    losses,
    learningRates,
    gradNorms,
    steps,
    supervisedTokens,
    evaluation,
    planHash,
    sha256: adapter.sha256,
    files,
  }
}

/** Steps of the newest checkpoint of a run, 0 while there is none. */
export function savedSteps(workspace: string, run: string): number {
  const folder = join(workspace, 'runs', run, 'checkpoints')
  if (!existsSync(folder)) return 0
  return Math.max(
    0,
    ...readdirSync(folder).map((name) => Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0)),
  )
}

export type Victim = 'job' | 'command line' | 'both'

export interface Moment {
  readonly run: string
  readonly steps: number
  readonly victim: Victim
  readonly salt: number
  readonly workspace?: string
}

export interface Killed {
  readonly result: CliResult
  /** Job processes that were running then. */
  readonly jobs: readonly number[]
}

/** Starts `args`, kills the victim once `steps` steps are saved (plus a few random milliseconds), and waits for the end. */
export async function killAt(
  box: Sandbox,
  args: readonly string[],
  { run, steps, victim, salt, workspace = box.workspace }: Moment,
): Promise<Killed> {
  const running = box.start(args, { workspace })
  const jobs = await until(() => {
    const found = childrenOf(running.pid)
    return found.length > 0 && savedSteps(workspace, run) >= steps ? found : null
  }, `${steps} saved steps of ${run}`)
  await new Promise((wake) => setTimeout(wake, randomStream(salt, 'kill').int(12)))
  const doomed = victim === 'job' ? jobs : victim === 'both' ? [running.pid, ...jobs] : [running.pid]
  for (const pid of doomed) process.kill(pid, 'SIGKILL')
  return { result: await running.done, jobs }
}

/** A killed run must not have been finished; otherwise the test would prove nothing. */
export async function expectUnfinished(box: Sandbox, run: string, workspace = box.workspace): Promise<RunSummary> {
  const { runs } = await box.json<{ runs: RunSummary[] }>(['runs'], { workspace })
  const found = runs.find((r) => r.run === run)
  expect(found?.state).not.toBe('finished')
  expect(savedSteps(workspace, run)).toBeLessThan(40)
  return found!
}

export async function resumed(box: Sandbox, run: string, workspace = box.workspace): Promise<Result> {
  const done = await box.run(['resume', run], { workspace })
  expect(done.code, done.stdout + done.stderr).toBe(0)
  return onlyObject<Result>(done.stdout)
}
