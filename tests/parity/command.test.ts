import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runParity } from '../../tools/parity/command.ts'
import { kindOf } from '../../tools/parity/folder.ts'
import { absoluteError, distance, Report, relativeError } from '../../tools/parity/report.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { copyTo, fixtures, nudge, rewriteJson, rewriteTensors, root } from './support.ts'

const temp = tempFolder()
const home = join(temp.path, 'home')

async function parity(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const exit = await runParity(argv, {
    surroundings: { env: { AIRLOCK_HOME: home, AIRLOCK_LANG: 'en' }, platform: process.platform, home: temp.path },
    systemLocale: 'en',
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      err += text
    },
  })
  return { exit, out, err }
}

const model = join(fixtures, 'parity/llama3-rope')

describe('the command', () => {
  it('prints one JSON object and ends with 0 when nothing failed', async () => {
    const { exit, out, err } = await parity(model, '--json')
    expect([exit, err]).toEqual([0, ''])
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    const report = JSON.parse(out)
    expect(Object.keys(report)).toEqual(['folder', 'family', 'checks', 'passed', 'failed', 'skipped'])
    expect(report).toMatchObject({ folder: model, family: 'llama', passed: 12, failed: 0, skipped: [] })
    expect(report.checks[0]).toEqual({ name: 'logits', error: expect.any(Number), limit: 1e-4, ok: true })
  })

  it('prints a table and ends with 1 when a check failed', async () => {
    const folder = copyTo(join(temp.path, 'bad/llama3-rope'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'reference.safetensors'), (name, items) => {
      if (name === 'decode.ids') nudge(items)
    })
    const { exit, out } = await parity(folder)
    expect(exit).toBe(1)
    expect(out).toMatch(/^decode\.ids +1 +equal +FAILED$/m)
    expect(out).toMatch(/^logits +\S+e-7 +1\.00e-4 +ok$/m)
    expect(out).toMatch(/^11 passed, 1 failed, 0 skipped$/m)
  })

  it('works as a process, with a path relative to the caller', () => {
    const done = spawnSync(process.execPath, ['tools/start.mjs', 'tools/parity/main.ts', 'chat-templates/', '--json'], {
      cwd: root,
      env: { ...process.env, INIT_CWD: fixtures },
      encoding: 'utf8',
    })
    expect([done.status, done.stderr]).toEqual([0, ''])
    expect(JSON.parse(done.stdout)).toMatchObject({ folder: join(fixtures, 'chat-templates'), passed: 12, failed: 0 })
  })

  it('refuses an unsupported family by name with 3', async () => {
    const folder = copyTo(join(temp.path, 'gemma2'), 'parity/llama3-rope')
    rewriteJson<{ model_type: string }>(join(folder, 'config.json'), (config) => {
      config.model_type = 'gemma2'
    })
    const { exit, out } = await parity(folder, '--json')
    expect(exit).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'model.unsupported', data: { architecture: 'gemma2' } } })
    const shown = await parity('--lang', 'zh', folder)
    expect([shown.exit, shown.out]).toEqual([3, ''])
    expect(shown.err).toContain('不支持的模型架构')
  })

  it.each([
    [[], 'usage.missing_argument', 2],
    [[model, model], 'usage.excess_argument', 2],
    [[model, '--jsn'], 'usage.unknown_option', 2],
    [[join(fixtures, 'tables')], 'usage.invalid_value', 2],
    [[join(fixtures, 'nowhere')], 'file.not_found', 3],
    [[join(model, 'config.json')], 'file.wrong_kind', 3],
  ])('refuses wrong use by name: %j', async (argv, code, exit) => {
    const done = await parity(...argv, '--json')
    expect(JSON.parse(done.out)).toMatchObject({ error: { code } })
    expect(done.exit).toBe(exit)
  })

  it('explains itself', async () => {
    expect(await parity('--help')).toMatchObject({ exit: 0, out: expect.stringContaining('parity -- FOLDER') })
  })
})

describe('a real model', () => {
  const folder = join(temp.path, 'smollm2')
  mkdirSync(folder)
  writeFileSync(join(folder, 'reference.json'), JSON.stringify({ sha256_gguf: 'ab', prompts: [], rows: [] }))
  writeFileSync(join(folder, 'reference.safetensors'), '')

  it('that was not fetched is asked for with 3', async () => {
    expect(kindOf(folder)).toBe('real-model')
    const { exit, err } = await parity(folder)
    expect(exit).toBe(3)
    expect(err).toContain('airlock model fetch')
  })

  it('that is another file than the recorded one is refused', async () => {
    const cache = join(home, 'models/smollm2-135m-instruct')
    mkdirSync(cache, { recursive: true })
    writeFileSync(join(cache, 'other.gguf'), 'GGUF')
    const { exit, out } = await parity(folder, '--json')
    expect(exit).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'fetch.wrong_digest', data: { expected: 'ab' } } })
  })
})

describe('the measures', () => {
  it('are those of the table', () => {
    expect(relativeError([1, 2.5], [1, -2])).toBe(2.25)
    expect(relativeError([1e-3], [0])).toBe(1e-3)
    expect(absoluteError([1, 2], [1, 4])).toBe(2)
    expect(distance([3, 5], [3, 4])).toBeCloseTo(0.2)
  })

  it.each([
    ['not a number', [Number.NaN, 1], [1, 1]],
    ['infinite', [Number.POSITIVE_INFINITY, 1], [1, 1]],
    ['too short', [1], [1, 1]],
    ['too long', [1, 1, 1], [1, 1]],
  ])('never pass a result that is %s', (_name, actual, expected) => {
    for (const measure of [relativeError, absoluteError, distance]) {
      const report = new Report('/folder', 'llama')
      report.add('logits', measure(actual, expected), 1e-4)
      expect(report.finish()).toMatchObject({ passed: 0, failed: 1 })
    }
  })
})
