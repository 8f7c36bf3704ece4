import { platform } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../core/kit/index.ts'
import type { TinyProject } from '../support/tiny-model.ts'
import { sandbox } from './cli.ts'
import {
  expectUnfinished,
  killAt,
  longProject,
  outcome,
  type Result,
  resumed,
  savedSteps,
  uninterrupted,
  type Victim,
} from './resume-support.ts'

/** The promise at its full number: twelve random moments, each its own run, without waiting for orphans. */
const box = sandbox('resume-full')
let project: TinyProject
let expected: Result

beforeAll(async () => {
  project = longProject(box)
  expected = await uninterrupted(box, project, join(box.path, 'first'))
}, 60_000)

describe.skipIf(platform() !== 'linux')('P-32: killed at twelve random moments', () => {
  it.each(Array.from({ length: 12 }, (_, i) => i + 1))('moment %i', async (n) => {
    const random = randomStream(n, 'moments')
    const victim = (['job', 'command line', 'both'] as Victim[])[random.int(3)]!
    const workspace = join(box.path, `workspace-${n}`)
    const run = 'run-1'
    await box.json(['model', 'add', project.model, '--name', 'tiny'], { workspace })
    // Zero steps: somewhere in the loading of the model.
    await killAt(box, ['run', project.recipe], { run, steps: 2 * random.int(10), victim, salt: n, workspace })
    await expectUnfinished(box, run, workspace)
    if (random.int(2) === 1) {
      const steps = savedSteps(workspace, run) + 2
      await killAt(box, ['resume', run], { run, steps, victim: 'both', salt: 100 + n, workspace })
      await expectUnfinished(box, run, workspace)
    }
    expect(outcome(await resumed(box, run, workspace))).toEqual(outcome(expected))
  })
})
