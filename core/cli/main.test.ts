import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airlock-main-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command line as a real process, started the way `npm run airlock` starts it. */
function airlock(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, AIRLOCK_HOME: folder, AIRLOCK_LANG: 'en', INIT_CWD: folder }
  const command = [join(root, 'tools/start.mjs'), 'core/cli/main.ts', ...args]
  return spawnSync(process.execPath, command, { cwd: root, env, encoding: 'utf8', timeout: 30_000, input: '' })
}

describe('the process', () => {
  it('ends with the exit code and writes one JSON object', () => {
    const { status, stdout, stderr } = airlock('serve', '--json')
    expect([status, stderr]).toEqual([2, ''])
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'feature.unavailable', data: { feature: 'airlock serve' } })
  })

  it('speaks to people on standard error', () => {
    const { status, stdout, stderr } = airlock('runn', 'recipe.yaml')
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain('The nearest one is "run"')
  })

  it('finds files beside the caller, and names the one that is missing', () => {
    const { status, stdout } = airlock('model', 'fetch', 'smollm2-135m-instruct', '--from', 'none.whl', '--json')
    expect(status).toBe(3)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'file.not_found', data: { path: join(folder, 'none.whl') } })
  })

  it('shows help', () => {
    const { status, stdout } = airlock('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('Commands:')
  })
})
