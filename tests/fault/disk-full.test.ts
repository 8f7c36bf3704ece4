import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliError, onlyObject, Sandbox, sandbox } from '../e2e/cli.ts'
import { longRun, outcome, type Result, savedSteps, uninterrupted } from '../e2e/resume-support.ts'
import { writeTinyProject } from '../support/tiny-model.ts'

/** A folder on a disk of its own with `megabytes` of room, or null where the system does not permit mounts. */
function smallDisk(path: string, megabytes: number): { unmount(): void } | null {
  mkdirSync(path, { recursive: true })
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  return made.status === 0 ? { unmount: () => void spawnSync('umount', ['-l', path]) } : null
}

const probe = new Sandbox('disk-probe')
const disk = smallDisk(join(probe.path, 'disk'), 1)
disk?.unmount()
probe.remove()
if (disk === null) process.stderr.write('SKIPPED: P-34 end to end needs the right to mount a small disk\n')

describe.skipIf(disk === null)('P-34: the disk of the workspace fills up in the middle of a run', () => {
  const box = sandbox('disk-full')

  it('ends with a named error, keeps the checkpoint before, and resumes to the same bytes once there is room', async () => {
    // A wide adapter: its checkpoints (2.4 MB each) are what fills the disk.
    const project = writeTinyProject(join(box.path, 'project'), { ...longRun, 'method.rank': 88, 'train.maxSteps': 8 })
    const expected = await uninterrupted(box, project, join(box.path, 'first'))
    const mounted = smallDisk(box.workspace, 13)
    expect(mounted).not.toBeNull()
    try {
      await box.json(['model', 'add', project.model, '--name', 'tiny'])
      const ballast = join(box.workspace, 'ballast')
      // Room for the first checkpoints beside the store's files, not for the third.
      writeFileSync(ballast, new Uint8Array(6.8e6))
      const failed = await box.run(['run', project.recipe])
      const { error } = onlyObject<{ error: CliError }>(failed.stdout)
      expect([failed.code, error.code], failed.stdout).toEqual([5, 'disk.full'])
      const saved = savedSteps(box.workspace, 'run-1')
      expect(saved).toBeGreaterThan(0)
      expect(saved).toBeLessThan(8)
      writeFileSync(ballast, '')
      const done = await box.json<Result>(['resume', 'run-1'])
      expect(outcome(done)).toEqual(outcome(expected))
    } finally {
      mounted?.unmount()
    }
  })
})
