import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runResultSchema } from '../contract/result.ts'
import { AppError } from '../kit/error.ts'
import { callerPath } from '../kit/path.ts'
import { cli, RESULT } from './cli.testing.ts'

const en = { AIRLOCK_LANG: 'en' }

describe('every command', () => {
  const path = (name: string): string => callerPath(name)
  it.each([
    ['run r.yaml', 'run', { recipe: path('r.yaml'), seed: null }],
    ['run r.yaml --seed 7', 'run', { recipe: path('r.yaml'), seed: 7 }],
    ['--seed 0 tune r.yaml', 'tune', { recipe: path('r.yaml'), seed: 0 }],
    ['resume r1', 'resume', { run: 'r1' }],
    ['runs', 'runs', {}],
    ['show r1', 'showRun', { run: 'r1' }],
    ['model add m.gguf --name x', 'modelAdd', { path: path('m.gguf'), name: 'x' }],
    ['model list', 'modelList', {}],
    ['model show x', 'modelShow', { id: 'x' }],
    ['model verify x', 'modelVerify', { id: 'x' }],
    [
      'data import a.csv b.csv --columns text=q,label=c --labels x,y --name n',
      'dataImport',
      {
        files: [path('a.csv'), path('b.csv')],
        dataset: null,
        columns: { text: 'q', label: 'c' },
        labels: ['x', 'y'],
        name: 'n',
      },
    ],
    ['data profile --dataset d', 'dataProfile', { files: [], dataset: 'd', columns: null, labels: null }],
    [
      'data balance a.csv --max-ratio 1 --method weight --to out.csv',
      'dataBalance',
      {
        files: [path('a.csv')],
        dataset: null,
        columns: null,
        labels: null,
        maxRatio: 1,
        method: 'weight',
        seed: 42,
        to: path('out.csv'),
      },
    ],
    [
      'data split a.csv --test 0.3 --leaks refuse --seed 1',
      'dataSplit',
      {
        files: [path('a.csv')],
        dataset: null,
        columns: null,
        labels: null,
        test: 0.3,
        validation: 0,
        leaks: 'refuse',
        seed: 1,
        to: null,
      },
    ],
    ['data export d --to o.csv', 'dataExport', { dataset: 'd', to: path('o.csv') }],
    ['evaluate --run r1', 'evaluate', { run: 'r1', adapter: null, data: null, recipe: null }],
    [
      'evaluate --adapter ./a --data d.csv --recipe r.yaml',
      'evaluate',
      { run: null, adapter: path('./a'), data: path('d.csv'), recipe: path('r.yaml') },
    ],
    ['keys create --name Li', 'keysCreate', { name: 'Li' }],
    ['keys show', 'keysShow', {}],
    ['keys export --to k.json', 'keysExport', { to: path('k.json') }],
    ['keys trust k.json', 'keysTrust', { file: path('k.json') }],
    ['keys revoke abc --reason left', 'keysRevoke', { id: 'abc', reason: 'left' }],
    ['keys list', 'keysList', {}],
    ['export r1 --to out', 'exportRun', { run: 'r1', to: path('out'), formats: ['peft', 'bundle'] }],
    ['export r1 --to out --format peft', 'exportRun', { run: 'r1', to: path('out'), formats: ['peft'] }],
    ['inspect b.airlock', 'inspect', { file: path('b.airlock') }],
    ['import b.airlock', 'importAdapter', { file: path('b.airlock') }],
    ['forecast r.yaml', 'forecast', { recipe: path('r.yaml'), seed: null, firstBatch: false }],
    ['doctor', 'doctor', {}],
  ])('%s calls %s', async (line, name, input) => {
    const { calls, code, closed } = await cli(line, { env: en })
    expect(calls).toEqual([{ name, input }])
    expect(code).toBe(2) // the fake offers nothing
    expect(closed).toBe(1)
  })

  it('generate and chat hand over their settings and stream the answer', async () => {
    const generate = await cli(['generate', '--model', 'm', '--prompt', 'Hi there', '--max-tokens', '9'], {
      app: {
        generate: async (input: { onText: (piece: string) => void }) => {
          for (const piece of ['Hel', 'lo\u001b[2J']) input.onText(piece)
          return { text: 'Hello', tokens: 2, tokensPerSecond: 1, stopped: 'end' }
        },
      },
    })
    expect(generate.calls[0]).toMatchObject({
      name: 'generate',
      input: { model: 'm', adapter: null, system: null, maxTokens: 9, prompt: 'Hi there', seed: 42 },
    })
    expect(generate.stdout).toBe('Hello\\u001b[2J\n')
    const asked: string[] = []
    const chat = await cli('chat --model ./m.gguf --json', {
      input: ['one\r\ntw', 'o\n', '\n', 'never\n'],
      app: {
        chat: async ({ questions }: { questions: AsyncIterable<string> }) => {
          for await (const question of questions) asked.push(question)
          return { turns: asked.length }
        },
      },
    })
    expect(asked).toEqual(['one', 'two'])
    expect(chat.calls[0]).toMatchObject({ input: { model: callerPath('./m.gguf') } })
    expect(JSON.parse(chat.stdout)).toEqual({ turns: 2 })
  })

  it('serve says that it is not built', async () => {
    const { code, stderr, calls } = await cli('serve --port 0', { env: en })
    expect([code, calls]).toEqual([2, []])
    expect(stderr).toContain('feature.unavailable')
  })
})

describe('common options', () => {
  const app = { runs: async () => ({ runs: [] }) }

  it('reach the application, wherever they stand', async () => {
    const env = { AIRLOCK_PASSPHRASE: 'open sesame' }
    for (const line of ['runs --workspace w --threads 3', '--threads 3 --workspace w runs']) {
      const { options, code } = await cli(line, { app, env })
      expect(code).toBe(0)
      expect(options).toEqual([
        {
          workspace: callerPath('w'),
          modelCache: resolve('/home/of/airlock/models'),
          logs: resolve('/home/of/airlock/logs'),
          threads: 3,
          passphrase: 'open sesame',
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        },
      ])
    }
    const plain = await cli('runs', { app })
    expect(plain.options[0]).toMatchObject({
      workspace: resolve('/home/of/airlock/workspace'),
      threads: null,
      passphrase: null,
    })
  })

  it('choose the language', async () => {
    expect((await cli('runs', { app, env: { LANG: 'zh_CN.UTF-8' } })).stdout).toBe('没有可显示的内容。\n')
    expect((await cli('runs', { app, env: { LANG: 'en_US.UTF-8' } })).stdout).toBe('Nothing to show.\n')
    expect((await cli('runs', { app, env: { LANG: 'C', AIRLOCK_LANG: 'zh' } })).stdout).toContain('没有')
    expect((await cli('runs --lang=en', { app, env: { LANG: 'zh_CN', AIRLOCK_LANG: 'zh' } })).stdout).toContain(
      'Nothing',
    )
    expect((await cli('runs', { app, env: {} })).stdout).toContain('没有') // nothing says anything: Chinese
  })

  it('help and version end with 0, in both languages', async () => {
    const help = await cli('--help --lang zh')
    expect(help.code).toBe(0)
    for (const word of ['用法:', '选项:', '命令:', 'forecast', '--passphrase-file']) expect(help.stdout).toContain(word)
    expect(help.stdout).not.toMatch(/Usage|Options|Commands|display help/)
    const run = await cli('run --help --lang en')
    expect([run.code, run.calls]).toEqual([0, []])
    expect(run.stdout).toMatch(/Usage: airlock run .*<recipe>[\s\S]*Common options:[\s\S]*--json/)
    expect((await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await cli('')).stdout).toContain('airlock')
  })
})

describe('--json', () => {
  it('writes exactly one object, and progress elsewhere', async () => {
    const { stdout, stderr, code } = await cli('run r.yaml --json', {
      env: en,
      app: {
        run: async (_input, io) => {
          io.progress({ stage: 'tune', done: 1, total: 36, unit: 'steps', loss: 2.5 })
          io.log({ level: 'warn', key: 'note.notScanned' })
          return RESULT
        },
      },
    })
    expect(code).toBe(0)
    expect(stdout.endsWith('\n')).toBe(true)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(runResultSchema.parse(JSON.parse(stdout))).toEqual(RESULT)
    expect(stderr).toContain('Tuning  1/36  2%  loss 2.500')
    expect(stderr).toContain('Note: No personal-data scan')
  })

  it('gives errors their shape: code, message, hint, data', async () => {
    const data = { line: 3, column: 7, reason: 'BAD_INDENT' }
    const app = {
      run: async () => {
        throw new AppError('recipe.syntax', data)
      },
    }
    const { stdout, stderr, code } = await cli('run r.yaml --json --lang en', { app })
    expect([code, stderr]).toEqual([3, ''])
    const { error } = JSON.parse(stdout)
    expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'data'])
    expect(error).toMatchObject({ code: 'recipe.syntax', data })
    expect(error.message).toContain('line 3, column 7')
    const spoken = await cli('run r.yaml --lang zh', { app })
    expect([spoken.stdout, spoken.code]).toEqual(['', 3])
    expect(spoken.stderr).toMatch(/^错误 \[recipe\.syntax\] .*第 3 行第 7 列.*\n下一步: .*\n$/)
  })

  it('covers errors of usage too', async () => {
    const { stdout, code } = await cli('run --json --lang en')
    expect(code).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'usage.missing_argument', data: { argument: '<recipe>' } })
  })
})

describe('wrong usage', () => {
  it.each([
    ['runn r.yaml', 'usage.unknown_command', { command: 'runn', nearest: 'run' }],
    ['model lst', 'usage.unknown_command', { command: 'model lst', nearest: 'list' }],
    ['model', 'usage.missing_command', { command: 'airlock model', known: ['add', 'list', 'show', 'verify', 'fetch'] }],
    ['run', 'usage.missing_argument', { command: 'airlock run', argument: '<recipe>' }],
    ['run a b', 'usage.excess_argument', { argument: 'b' }],
    ['run a --workspce x', 'usage.unknown_option', { option: '--workspce', nearest: '--workspace' }],
    ['run a --seed', 'usage.missing_value', { option: '--seed <n>' }],
    ['run a --seed -1', 'usage.invalid_value', { option: '--seed', value: '-1' }],
    ['run a --seed 1e3', 'usage.invalid_value', { value: '1e3' }],
    ['run a --threads 0', 'usage.invalid_value', { option: '--threads' }],
    ['run a --lang fr', 'usage.invalid_value', { option: '--lang', expected: 'zh | en' }],
    ['keys create', 'usage.missing_option', { option: '--name <name>' }],
    ['evaluate', 'usage.conflict', { first: '--run', second: '--adapter' }],
    ['evaluate --run r --adapter a', 'usage.conflict', {}],
    ['data profile', 'usage.conflict', { second: '--dataset' }],
    ['data profile a --dataset d', 'usage.conflict', {}],
    ['data import a --columns q', 'usage.invalid_value', { option: '--columns' }],
    ['data import a --columns txt=q', 'usage.invalid_value', {}],
    ['data import a --columns text=q,text=r', 'usage.invalid_value', {}],
    ['data import a --labels x,,y', 'usage.invalid_value', { option: '--labels' }],
    ['data balance a --method magic', 'usage.invalid_value', { option: '--method' }],
    ['data balance a --method augment', 'feature.unavailable', { feature: '--method augment' }],
    ['data split a --test 1.5', 'usage.invalid_value', { option: '--test', expected: 'number 0…0.9' }],
    ['export r', 'usage.missing_option', {}],
    ['export r --to d --format zip', 'usage.invalid_value', {}],
    ['export r --to d --format peft,gguf', 'feature.unavailable', { feature: '--format gguf' }],
  ])('%s: %s', async (line, code, data) => {
    const outcome = await cli(`--json ${line}`)
    expect(outcome.code).toBe(2)
    expect(outcome.options).toEqual([]) // nothing was opened
    expect(JSON.parse(outcome.stdout).error).toMatchObject({ code, data })
    // The same in words, in both languages, without a placeholder left over.
    for (const lang of ['zh', 'en']) {
      const spoken = await cli(line.includes('--lang') ? line : `--lang ${lang} ${line}`)
      expect(spoken.stderr).not.toMatch(/\{\w+\}/)
      expect(spoken.stderr).toContain(`[${code}]`)
    }
  })
})

describe('verdicts have exit codes', () => {
  const inspection = {
    file: '/b',
    kind: 'bundle',
    name: 'b',
    signer: null,
    baseModel: 'm',
    matchingModel: 'm',
    metrics: {},
    problems: [],
  }
  it.each([
    ['inspect b', 'inspect', { ...inspection, signature: 'trusted', base: 'exact' }, 0],
    ['inspect b', 'inspect', { ...inspection, signature: 'valid-unknown-signer', base: 'unknown' }, 0],
    ['inspect b', 'inspect', { ...inspection, signature: 'altered', base: 'exact', problems: ['x: digest'] }, 4],
    ['inspect b', 'inspect', { ...inspection, signature: 'revoked', base: 'exact' }, 4],
    ['inspect b', 'inspect', { ...inspection, signature: 'trusted', base: 'different' }, 4],
    ['model verify m', 'modelVerify', { id: 'm', ok: true, checks: [] }, 0],
    [
      'model verify m',
      'modelVerify',
      { id: 'm', ok: false, checks: [{ name: 'weights', ok: false, expected: 'a', found: 'b' }] },
      3,
    ],
    ['doctor', 'doctor', { ok: false, checks: [{ name: 'avx2', ok: false, value: 'no' }] }, 5],
  ])('%s %#', async (line, name, output, code) => {
    for (const json of ['', ' --json']) {
      const outcome = await cli(line + json, { app: { [name]: async () => output } })
      expect(outcome.code).toBe(code)
      if (json !== '') expect(JSON.parse(outcome.stdout)).toEqual(output)
      else expect(outcome.stdout).not.toContain('undefined')
    }
  })
})
