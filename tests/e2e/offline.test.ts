import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Inspection } from '../../core/contract/app.ts'
import { runResultSchema } from '../../core/contract/result.ts'
import { writeTinyProject } from '../support/tiny-model.ts'
import { sandbox, withoutNetwork } from './cli.ts'

const wrap = withoutNetwork()
if (wrap === null) process.stderr.write('SKIPPED: P-01 needs "unshare -n", which this system does not permit\n')

describe.skipIf(wrap === null)('P-01: the whole journey on a machine without any network', () => {
  const box = sandbox('offline')

  it('import, tune ten steps, evaluate, export, inspect', async () => {
    const offline = { wrap: wrap ?? [] }
    const project = writeTinyProject(join(box.path, 'project'), { model: 'tiny', 'train.maxSteps': 10 })
    await box.json(['model', 'add', project.model, '--name', 'tiny'], offline)
    const survey = await box.json(
      ['data', 'import', join(project.folder, 'train.csv'), '--columns', 'text=text,label=label'],
      offline,
    )
    expect(survey).toMatchObject({ rows: 57 })
    const result = runResultSchema.parse(await box.json(['run', project.recipe], offline))
    expect(result.train.steps).toBe(10)
    expect(result.evaluation!.tuned.n).toBe(15)
    await box.json(['evaluate', '--run', 'run-1'], offline)
    const exported = await box.json<{ artifacts: { bundle: string } }>(
      ['export', 'run-1', '--to', join(box.path, 'out')],
      offline,
    )
    expect(await box.json<Inspection>(['inspect', exported.artifacts.bundle], offline)).toMatchObject({
      signature: 'trusted',
      base: 'exact',
    })
    // The report opens on a machine without network, too: nothing in it is loaded from elsewhere.
    const report = readFileSync(result.artifacts.report!, 'utf8')
    expect(report).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i)
    expect(report).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//i)
  })

  it('the wrapper really takes the network away', async () => {
    expect(Object.keys(networkInterfaces()).length).toBeGreaterThan(0)
    const { spawnSync } = await import('node:child_process')
    const script =
      'const n = Object.values(require("node:os").networkInterfaces()).flat().length; process.stdout.write(String(n))'
    const seen = spawnSync(wrap![0]!, [...wrap!.slice(1), process.execPath, '-e', script], { encoding: 'utf8' })
    expect(seen.stdout).toBe('0')
  })
})
