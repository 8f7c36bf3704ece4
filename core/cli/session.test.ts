import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppIo } from '../contract/progress.ts'
import { cli, RESULT } from './cli.testing.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airlock-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('Ctrl-C', () => {
  /** Work that ends only when it is asked to. */
  const untilCancelled = async (_input: unknown, io: AppIo): Promise<never> => {
    for (;;) {
      io.cancel.throwIfRequested()
      await new Promise((wake) => setTimeout(wake, 1))
    }
  }

  it('stops cleanly and says how to resume: exit code 130', async () => {
    const outcome = await cli('run r.yaml --lang en', {
      app: { run: untilCancelled },
      onReady: (press) => setTimeout(press, 20),
    })
    expect([outcome.code, outcome.closed, outcome.killed]).toEqual([130, 1, []])
    expect(outcome.stderr).toContain('press Ctrl-C again')
    expect(outcome.stderr).toMatch(/job\.cancelled[\s\S]*airlock resume/)
  })

  it('kills when pressed a second time, but one press that arrives twice is one', async () => {
    let now = 0
    const outcome = await cli('run r.yaml', {
      clock: { now: () => 0, seconds: () => now, every: () => () => {} },
      app: { run: untilCancelled },
      onReady: (press) =>
        setTimeout(() => {
          press()
          now = 0.2 // forwarded by the parent process
          press()
          now = 1.5
          press()
        }, 20),
    })
    expect(outcome.killed).toEqual([130])
    expect(outcome.stderr.match(/再按一次/g)).toHaveLength(1)
  })

  it('ends a conversation that waits for a line', async () => {
    const never: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
    const outcome = await cli('chat --model m --json', {
      onReady: (press) => setTimeout(press, 20),
      app: {
        chat: async (input: { questions: AsyncIterable<string> }, io) => {
          for await (const _question of input.questions);
          io.cancel.throwIfRequested()
        },
      },
      input: never as never,
    })
    expect(outcome.code).toBe(130)
  })
})

describe('defects', () => {
  const defect = async (): Promise<never> => {
    throw new TypeError('row 7 says: patient Zhang San', { cause: new Error('secret cause') })
  }

  it('end with 1, a log path and no text of the error anywhere', async () => {
    const outcome = await cli('run r.yaml --json', { app: { run: defect }, env: { AIRLOCK_HOME: folder } })
    expect(outcome.code).toBe(1)
    const { error } = JSON.parse(outcome.stdout)
    expect(error).toMatchObject({ code: 'internal.unexpected', data: { kind: 'TypeError' } })
    const log = readFileSync(error.data.log, 'utf8')
    expect(log).toMatch(/^time 1970-01-01T00:00:00\.000Z\nversion \d/)
    expect(log).toContain('error TypeError')
    expect(log).toContain('cause Error')
    expect(log).toMatch(/at .*session\.test\.ts/)
    for (const text of [log, outcome.stdout, outcome.stderr]) expect(text).not.toMatch(/Zhang|secret cause|row 7/)
    expect(readdirSync(join(folder, 'logs'))).toHaveLength(1)
    expect(outcome.closed).toBe(1)
  })

  it('are shown even where no log can be written', async () => {
    writeFileSync(join(folder, 'logs'), 'a file stands in the way')
    const outcome = await cli('run r.yaml --lang en', { app: { run: defect }, env: { AIRLOCK_HOME: folder } })
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('internal.unexpected')
    expect(outcome.stderr).not.toContain('    at ')
  })

  it('while opening or closing are errors like the others', async () => {
    const opening = await cli('runs --lang en', {
      createApp: () => {
        throw Object.assign(new Error('no'), { code: 'ENOSPC', path: '/w' })
      },
    })
    expect([opening.code, opening.stdout]).toEqual([5, ''])
    expect(opening.stderr).toContain('disk.full')
    const app = { runs: async () => ({ runs: [] }), close: async () => Promise.reject(new RangeError('x')) }
    const closing = await cli('runs', { createApp: () => app as never, env: { AIRLOCK_HOME: folder } })
    expect(closing.code).toBe(1)
  })
})

describe('output for people', () => {
  it('shows the result of a run in both languages', async () => {
    const app = { run: async () => RESULT }
    const english = (await cli('run r.yaml --lang en', { app })).stdout
    expect(english).toContain('1,000 rows read: 600 training, 0 validation, 200 test')
    expect(english).toContain('36 steps in 2 min 5 s, 5.6 rows/s, 321 tokens/s, peak memory 1.5 GB')
    expect(english).toMatch(/Accuracy\s+0\.300 \[0\.240, 0\.370\]\s+0\.875 \[0\.820, 0\.910\]\s+\+0\.575/)
    expect(english).toContain('No personal-data scan is available yet')
    expect(english).toContain('Report: /w/report.html')
    const chinese = (await cli('run r.yaml --lang zh', { app })).stdout
    expect(chinese).toMatch(/宏平均 F1\s+0\.250\s+0\.860 \[0\.800, 0\.900\]\s+\+0\.610/)
    expect(chinese).toContain('类别比例 6.1 : 1 → 1.5 : 1')
    const none = { run: async () => ({ ...RESULT, evaluation: null, artifacts: {} }) }
    expect((await cli('run r.yaml --lang en', { app: none })).stdout).toContain('No evaluation')
  })

  it('--quiet leaves the result alone', async () => {
    const app = {
      run: async (_input: unknown, io: AppIo) => {
        io.progress({ stage: 'tune', done: 1, total: 2, unit: 'steps' })
        io.log({ level: 'info', key: 'note.cached' })
        return RESULT
      },
    }
    const outcome = await cli('run r.yaml --quiet', { app })
    expect(outcome.stderr).toBe('')
    expect(outcome.stdout).not.toBe('')
  })

  it('reads a passphrase from a file without its line end', async () => {
    const file = join(folder, 'pass')
    writeFileSync(file, 'geheim 口令\r\n')
    const app = { keysShow: async () => ({ id: 'a', name: 'n\u001b[31m', status: 'own', publicKey: 'k' }) }
    const outcome = await cli(['keys', 'show', '--passphrase-file', file], { app })
    expect(outcome.options[0]?.passphrase).toBe('geheim 口令')
    expect(outcome.stdout).toContain('name: n\\u001b[31m')
    writeFileSync(file, '\n')
    expect((await cli(['keys', 'show', '--passphrase-file', file], { app })).code).toBe(2)
    expect((await cli(['keys', 'show', '--passphrase-file', join(folder, 'none')], { app })).code).toBe(3)
  })
})
