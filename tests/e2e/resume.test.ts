import { platform } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runResultSchema } from '../../core/contract/result.ts'
import type { TinyProject } from '../support/tiny-model.ts'
import { type CliError, isAlive, onlyObject, sandbox, until } from './cli.ts'
import {
  expectUnfinished,
  killAt,
  longProject,
  outcome,
  type Result,
  resumed,
  savedSteps,
  uninterrupted,
} from './resume-support.ts'

const box = sandbox('resume')
let project: TinyProject
let expected: Result

beforeAll(async () => {
  project = longProject(box)
  expected = await uninterrupted(box, project, join(box.path, 'first'))
  await box.json(['model', 'add', project.model, '--name', 'tiny'])
}, 60_000)

describe('P-42: same seed, same adapter', () => {
  it('two processes give identical bytes; another seed gives others', async () => {
    const second = await uninterrupted(box, project, join(box.path, 'second'))
    expect(outcome(second)).toEqual(outcome(expected))
    expect(second.planHash).toBe(expected.planHash)
    const other = await box.json<Result>(['run', project.recipe, '--seed', '8'], {
      workspace: join(box.path, 'second'),
    })
    expect(other.adapter.sha256).not.toBe(expected.adapter.sha256)
    expect(other.train.losses).not.toEqual(expected.train.losses)
  })
})

// Finding the job process needs /proc; the kills themselves are the same everywhere.
describe.skipIf(platform() !== 'linux')('P-32: resume = never stopped', () => {
  it('killed once: the job process in the middle of the steps', async () => {
    await killAt(box, ['run', project.recipe], { run: 'run-1', steps: 6, victim: 'job', salt: 1 })
    expect((await expectUnfinished(box, 'run-1')).state).toBe('interrupted')
    expect(outcome(await resumed(box, 'run-1'))).toEqual(outcome(expected))
  })

  it('killed three times: command line, job, both; the last result is that of an uninterrupted run', async () => {
    const { jobs } = await killAt(box, ['run', project.recipe], {
      run: 'run-2',
      steps: 2,
      victim: 'command line',
      salt: 2,
    })
    // The orphaned job notices, saves and ends by itself.
    await until(() => !jobs.some(isAlive), 'the job to end', 20)
    await expectUnfinished(box, 'run-2')
    await killAt(box, ['resume', 'run-2'], {
      run: 'run-2',
      steps: savedSteps(box.workspace, 'run-2') + 4,
      victim: 'job',
      salt: 3,
    })
    await expectUnfinished(box, 'run-2')
    await killAt(box, ['resume', 'run-2'], {
      run: 'run-2',
      steps: savedSteps(box.workspace, 'run-2') + 4,
      victim: 'both',
      salt: 4,
    })
    await expectUnfinished(box, 'run-2')
    const result = await resumed(box, 'run-2')
    runResultSchema.parse(result)
    expect(outcome(result)).toEqual(outcome(expected))
  })

  it('a killed job is a named error that says how to go on', async () => {
    const { result } = await killAt(box, ['run', project.recipe], { run: 'run-3', steps: 4, victim: 'job', salt: 5 })
    const { error } = onlyObject<{ error: CliError }>(result.stdout)
    expect([result.code, error.code, error.data.run]).toEqual([5, 'job.process_died', 'run-3'])
    expect(error.hint).toContain('airlock resume')
  })
})

describe.skipIf(platform() === 'win32')('Ctrl-C', () => {
  it('stops at once with exit code 130, keeps what was learned, says how to resume; resuming gives the same bytes', async () => {
    const running = box.start(['run', project.recipe])
    const run = 'run-4'
    await until(() => savedSteps(box.workspace, run) >= 4, 'four saved steps')
    running.child.kill('SIGINT')
    const stopped = await running.done
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(130)
    const { error } = onlyObject<{ error: CliError }>(stopped.stdout)
    expect(error.code).toBe('run.cancelled')
    expect(error.hint).toContain(`airlock resume ${run}`)
    const { step } = await expectUnfinished(box, run)
    // Nothing that was learned is lost: the checkpoint holds every step that was reported.
    expect(savedSteps(box.workspace, run)).toBe(step)
    expect(outcome(await resumed(box, run))).toEqual(outcome(expected))
  })
})
