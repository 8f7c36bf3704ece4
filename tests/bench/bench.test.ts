import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBench } from '../../bench/program.ts'
import { appContext } from '../../core/app/context.ts'
import { tune } from '../../core/app/runs/index.ts'
import { capture } from '../../core/cli/cli.testing.ts'
import { nodeProcesses } from '../../core/host/index.ts'
import { diskFiles, neverCancelled, systemClock } from '../../core/kit/index.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { writeTinyModel, writeTinyProject } from '../support/tiny-model.ts'

const temp = tempFolder()
const home = join(temp.path, 'home')
const scratch = join(temp.path, 'scratch')
diskFiles.makeFolder(scratch)
process.env.TMPDIR = scratch // what a measurement leaves behind can be seen here

const project = writeTinyProject(join(temp.path, 'project'))
writeTinyModel(join(home, 'models', 'tiny-cached'))

/** Runs one measurement in this process; `json` is what standard output holds when it is JSON. */
async function bench(line: string, onStep?: (press: () => void) => void) {
  const [stdout, stderr] = [capture(), capture()]
  const handlers = new Set<() => void>()
  const write = stderr.write
  stderr.write = (text) => {
    if (/Tuning/.test(text)) onStep?.(() => void handlers.forEach((handler) => void handler()))
    return write(text)
  }
  const code = await runBench(line.split(' '), {
    stdout,
    stderr,
    stdin: (async function* () {})(),
    surroundings: { env: { AIRLOCK_HOME: home, AIRLOCK_LANG: 'en' }, platform: 'linux', home },
    systemLocale: undefined,
    clock: systemClock,
    createApp: () => expect.unreachable(),
    onInterrupt(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    kill: () => {},
  })
  const json = stdout.text.startsWith('{') ? JSON.parse(stdout.text) : null
  return { code, stdout: stdout.text, stderr: stderr.text, json }
}

const machine = {
  threads: 1,
  cpu: expect.stringMatching(/./),
  versions: { airlock: expect.any(String), node: process.versions.node, onnxruntime: expect.stringMatching(/^\d+\./) },
}
/** A process that holds an engine takes at least this much. */
const someMemory = 50e6

describe('bench train', () => {
  it('measures steps beside matrix products', async () => {
    const { code, json, stdout } = await bench(
      `train --model ${project.model} --batch 2 --seq 24 --supervised 0.5 --steps 3 --threads 1 --json`,
    )
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(json).toMatchObject({
      batch: 2,
      seq: 24,
      supervisedTokens: 24,
      steps: 3,
      excludedSteps: 2,
      precision: 'fp32',
      ...machine,
    })
    expect(json.losses).toHaveLength(5)
    // An untrained model on random tokens is about as good as chance over its 512 tokens.
    expect(json.losses[0]).toBeGreaterThan(Math.log(512) - 0.5)
    expect(json.tokensPerSecond).toBeCloseTo(24 * json.rowsPerSecond, 6)
    expect(json.shareOfMatmul).toBeCloseTo(json.flopsPerSecond / json.matmulFlopsPerSecond, 12)
    expect(json.flopsPerSecond).toBeCloseTo(json.flopsPerStep / json.secondsPerStep, 0)
    expect(json.peakMemoryBytes).toBeGreaterThan(someMemory)
  })

  it('takes targets and dropout, and a model by the id of the cache', async () => {
    const { code, json } = await bench(
      'train --model tiny-cached --seq 8 --steps 1 --targets q_proj,v_proj --dropout 0.1 --threads 1 --json',
    )
    expect(code).toBe(0)
    expect(json.lora).toEqual({ rank: 16, alpha: 32, dropout: 0.1, targets: ['q_proj', 'v_proj'] })
    expect(json.model).toBe(join(home, 'models', 'tiny-cached'))
  })

  it.each([
    ['--precision int8', 2, 'feature.unavailable'],
    ['--precision int4', 2, 'feature.unavailable'],
    ['--precision fp8', 2, 'usage.invalid_value'],
    ['--targets query', 2, 'usage.invalid_value'],
    ['--supervised 0', 2, 'usage.invalid_value'],
    ['--supervised 1.5', 2, 'usage.invalid_value'],
    ['--seq 513', 2, 'usage.invalid_value'],
    ['--batchsize 4', 2, 'usage.unknown_option'],
  ])('refuses %s', async (options, exit, error) => {
    const { code, json } = await bench(`train --model ${project.model} ${options} --json`)
    expect([code, json.error.code]).toEqual([exit, error])
    expect(Object.keys(json.error)).toEqual(['code', 'message', 'hint', 'data'])
  })
})

describe('bench rows', () => {
  it('trains exactly as tune does', async () => {
    const { code, json } = await bench(`rows --recipe ${project.recipe} --steps 4 --json`)
    expect(code).toBe(0)
    const options = {
      workspace: join(temp.path, 'w'),
      modelCache: '',
      logs: '',
      threads: null,
      passphrase: null,
      version: '1.0.0',
    }
    const context = appContext(options, nodeProcesses)
    const io = { cancel: neverCancelled, lang: 'en' as const, progress: () => {}, log: () => {} }
    const result = await tune(context, { recipe: project.recipe, seed: null }, io)
    context.close()
    expect(json).toMatchObject({
      steps: 4,
      excludedSteps: 2,
      recipeSteps: 12,
      precision: 'fp32',
      planHash: result.planHash,
    })
    expect(json.losses).toEqual(result.train.losses.slice(0, 6))
    expect(json.rowsPerSecond).toBeGreaterThan(0)
    expect(json.tokensPerSecond).toBeGreaterThan(10 * json.rowsPerSecond)
    if (process.platform === 'linux') expect(json.peakMemoryBytes).toBeGreaterThan(2 * someMemory)
  })

  it('measures the whole recipe unless told otherwise', async () => {
    const { json } = await bench(`rows --recipe ${project.recipe} --json`)
    expect(json).toMatchObject({ steps: 10, recipeSteps: 12 })
    expect(json.losses).toHaveLength(12)
  })

  it('refuses a recipe without a step that counts', async () => {
    const short = writeTinyProject(join(temp.path, 'short'), { 'train.maxSteps': 2 })
    const { code, json } = await bench(`rows --recipe ${short.recipe} --json`)
    expect([code, json.error.code, json.error.data.got]).toEqual([3, 'recipe.invalid', 2])
  })

  it('stops when asked to', async () => {
    let pressed = false
    const long = writeTinyProject(join(temp.path, 'long'), { 'train.epochs': 500, 'train.maxSteps': 1000 })
    const { code, json } = await bench(`rows --recipe ${long.recipe} --json`, (press) => {
      if (!pressed) press()
      pressed = true
    })
    expect([code, json.error.code]).toEqual([130, 'job.cancelled'])
  })
})

describe('bench decode and score', () => {
  it('measures generation apart from reading the prompt', async () => {
    const { code, json } = await bench(`decode --model ${project.model} --tokens 6 --threads 1 --json`)
    expect(code).toBe(0)
    expect(json).toMatchObject({ tokens: 6, promptTokens: 128, ...machine })
    expect(json.tokensPerSecond).toBeGreaterThan(0)
    expect(json.promptTokensPerSecond).toBeGreaterThan(0)
    expect(json.peakMemoryBytes).toBeGreaterThan(someMemory)
  })

  it('refuses more tokens than the model has room for', async () => {
    const { code, json } = await bench(`decode --model ${project.model} --tokens 383 --json`)
    expect([code, json.error.code]).toEqual([2, 'usage.invalid_value'])
  })

  it('scores twelve labels a row', async () => {
    const { code, json } = await bench(`score --model ${project.model} --rows 3 --threads 1 --json`)
    expect(code).toBe(0)
    expect(json).toMatchObject({ rows: 3, labels: 12, ...machine })
    expect(json.rowsPerSecond).toBeCloseTo(3 / json.seconds, 9)
    expect(json.candidatesPerSecond).toBeCloseTo(36 / json.seconds, 9)
  })
})

describe('bench import', () => {
  it('takes the table through every stage', async () => {
    const { code, json } = await bench('import --rows 2000 --stages read,profile,store,memory --json')
    expect(code).toBe(0)
    expect(json).toMatchObject({ rows: 2000, measures: 'profile', ...json.stages.profile })
    expect(Object.keys(json.stages)).toEqual(['read', 'profile', 'store', 'memory'])
    for (const stage of Object.values<Record<string, number>>(json.stages)) {
      expect(stage.rowsPerSecond).toBeCloseTo(2000 / stage.seconds, 6)
      expect(stage.longestPauseSeconds).toBeGreaterThan(0)
      expect(stage.longestPauseSeconds).toBeLessThan(stage.seconds + 2)
    }
  })
})

describe('bench', () => {
  it.each([
    ['trian --model x', 2, 'usage.unknown_command'],
    ['train', 2, 'usage.missing_option'],
    ['rows --recipe', 2, 'usage.missing_value'],
    ['import --rows many', 2, 'usage.invalid_value'],
    ['decode --model no-such-model', 3, 'model.not_registered'],
    ['score --model ./no/such/folder', 3, 'model.path_missing'],
    ['rows --recipe ./no-such.yaml', 3, 'file.not_found'],
  ])('answers "%s" with exit code %i', async (line, exit, error) => {
    const { code, json } = await bench(`${line} --json`)
    expect([code, json.error.code]).toEqual([exit, error])
  })

  it('shows a table to people, in their language', async () => {
    const english = await bench('import --rows 100 --stages read')
    expect(english.stdout).toMatch(/^figure +value\n─+/)
    expect(english.stdout).toMatch(/\nrows\/s +[\d,.]+\n/)
    const chinese = await bench('import --rows 100 --stages read --lang zh')
    expect(chinese.stdout).toMatch(/\n行\/秒 +[\d,.]+\n/)
  })

  it('ends as a process with the exit code and nothing but JSON on standard output', () => {
    const entry = resolve(import.meta.dirname, '../../bench/main.ts')
    const done = spawnSync(process.execPath, [entry, 'import', '--rows', '0', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, AIRLOCK_HOME: home },
    })
    expect(done.status).toBe(2)
    expect(JSON.parse(done.stdout).error).toMatchObject({ code: 'usage.invalid_value', data: { command: 'bench' } })
  })

  it('leaves nothing behind', () => {
    expect(readdirSync(scratch).filter((name) => name.startsWith('airlock-bench-'))).toEqual([])
  })
})
