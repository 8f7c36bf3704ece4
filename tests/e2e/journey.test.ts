import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Generation, Inspection, KeySummary, RunDetails, RunSummary } from '../../core/contract/app.ts'
import { evaluationResultSchema, type RunResult, runResultSchema } from '../../core/contract/result.ts'
import { type TinyProject, tinyLabels, writeTinyProject } from '../support/tiny-model.ts'
import { fileHash, onlyObject, sandbox } from './cli.ts'

/** The main job through the real command line, in the order in which a person meets the commands. */
const box = sandbox('journey')
const colleague = join(box.path, 'colleague')
let project: TinyProject
let result: RunResult & { adapter: { sha256: string } }

beforeAll(async () => {
  project = writeTinyProject(join(box.path, 'project'), { 'train.maxSteps': 30, model: 'tiny' })
  await box.json(['model', 'add', project.model, '--name', 'tiny'])
  const run = await box.run(['run', project.recipe])
  expect(run.code, run.stderr).toBe(0)
  result = onlyObject(run.stdout)
}, 60_000)

describe('model', () => {
  it('is listed, shown and verified', async () => {
    const { models } = await box.json<{ models: { id: string; family: string }[] }>(['model', 'list'])
    expect(models).toMatchObject([{ id: 'tiny', family: 'llama', source: 'workspace', storage: 'F32' }])
    expect(await box.json(['model', 'show', 'tiny'])).toMatchObject({
      id: 'tiny',
      layers: 3,
      hiddenSize: 48,
      vocabulary: 512,
    })
    expect(await box.json(['model', 'verify', 'tiny'])).toMatchObject({ id: 'tiny', ok: true })
  })

  it('cannot be added twice, and an unknown one is named', async () => {
    expect((await box.error(['model', 'add', project.model, '--name', 'tiny'], 3)).code).toBe('store.exists')
    expect(await box.error(['model', 'show', 'tinny'], 3)).toMatchObject({
      code: 'model.not_registered',
      data: { model: 'tinny', known: ['tiny'] },
    })
  })
})

describe('run', () => {
  it('answers with a result of the schema', () => {
    const parsed = runResultSchema.parse(result)
    expect(parsed).toMatchObject({ project: 'tiny-triage', run: 'run-1' })
    expect(parsed.data).toMatchObject({ rows: 72, trainRows: 45, testRows: 15, ratioBefore: 2.5, ratioAfter: 1.5 })
    expect(Object.keys(parsed.data.classes).sort()).toEqual([...tinyLabels].sort())
  })

  it('learns: the loss falls by far, every step is reported', () => {
    const { losses, steps, learningRates, gradNorms, trainableParameters } = result.train
    expect(steps).toBe(30)
    expect([losses.length, learningRates.length, gradNorms.length]).toEqual([30, 30, 30])
    const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length
    expect(mean(losses.slice(-5))).toBeLessThan(0.4 * mean(losses.slice(0, 5)))
    // rank 4 on all seven linear layers of three blocks
    expect(trainableParameters).toBe(3 * 4 * (48 + 48 + 2 * (48 + 24) + (48 + 48) + 3 * (48 + 96)))
  })

  it('counts what it says: the confusion matrix holds every test row once', () => {
    const tuned = result.evaluation!.tuned
    const cells = Object.values(tuned.confusion!).flatMap((row) => Object.values(row))
    expect(cells.reduce((a, b) => a + b, 0)).toBe(15)
    const right = tinyLabels.reduce((n, label) => n + (tuned.confusion![label]?.[label] ?? 0), 0)
    expect(tuned.accuracy).toBeCloseTo(right / 15, 12)
    expect(result.evaluation!.base!.n).toBe(15)
  })

  it('leaves adapter, bundle and report where it says', () => {
    const { peft, bundle, report } = result.artifacts
    expect(readdirSync(peft!)).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
    expect(fileHash(join(peft!, 'adapter_model.safetensors'))).toBe(result.adapter.sha256)
    expect(readFileSync(bundle!).subarray(0, 2).toString()).toBe('PK')
    expect(readFileSync(report!, 'utf8')).toMatch(/^<!doctype html>/i)
    const config = JSON.parse(readFileSync(join(peft!, 'adapter_config.json'), 'utf8'))
    expect(config).toMatchObject({
      peft_type: 'LORA',
      r: 4,
      lora_alpha: 8,
      base_model_name_or_path: 'tiny',
      task_type: 'CAUSAL_LM',
    })
  })

  it('is listed and shown', async () => {
    const { runs } = await box.json<{ runs: RunSummary[] }>(['runs'])
    expect(runs).toMatchObject([
      { run: 'run-1', state: 'finished', step: 30, steps: 30, macroF1: result.evaluation!.tuned.macroF1 },
    ])
    const shown = await box.json<RunDetails>(['show', 'run-1'])
    expect(shown.result).toEqual(result)
    expect(shown.planHash).toBe(result.planHash)
    expect((await box.error(['show', 'run-9'], 3)).code).toBe('run.unknown')
    expect((await box.error(['resume', 'run-1'], 3)).code).toBe('run.already_done')
  })
})

describe('evaluate', () => {
  it('--run repeats the numbers of the run', async () => {
    const again = evaluationResultSchema.parse(await box.json(['evaluate', '--run', 'run-1']))
    expect(again).toEqual(result.evaluation)
  })

  it('--adapter with the recipe gives them too, as does the folder of the adapter alone', async () => {
    const again = await box.json(['evaluate', '--adapter', result.artifacts.peft!, '--recipe', project.recipe])
    expect(evaluationResultSchema.parse(again)).toEqual(result.evaluation)
  })

  it('--data takes other rows', async () => {
    const other = evaluationResultSchema.parse(
      await box.json(['evaluate', '--run', 'run-1', '--data', join(project.folder, 'train.csv')]),
    )
    expect(other.tuned.n).toBe(57)
    expect(other.tuned.accuracy!).toBeGreaterThan(other.base!.accuracy!)
  })

  it('asks for what it needs', async () => {
    expect((await box.error(['evaluate'], 2)).code).toMatch(/^usage\./)
    expect((await box.error(['evaluate', '--run', 'run-7'], 3)).code).toBe('run.unknown')
    expect((await box.error(['evaluate', '--adapter', result.artifacts.peft!], 2)).code).toBe(
      'evaluation.recipe_needed',
    )
  })
})

describe('generate', () => {
  const prompt = 'Which department?\nQuestion: My fracture since 3 days'

  it('answers with base and adapter, the same at every call', async () => {
    const ask = (adapter: string[]): Promise<Generation> =>
      box.json(['generate', '--model', 'tiny', ...adapter, '--prompt', prompt, '--max-tokens', '8'])
    const base = await ask([])
    const tuned = await ask(['--adapter', result.artifacts.peft!])
    expect(base.tokens).toBeGreaterThan(0)
    expect(tuned.text).not.toBe(base.text)
    expect((await ask(['--adapter', result.artifacts.peft!])).text).toBe(tuned.text)
  })

  it('shows the text itself without --json', async () => {
    const plain = await box.run(
      ['generate', '--model', 'tiny', '--prompt', prompt, '--max-tokens', '4', '--lang', 'en'],
      { plain: true },
    )
    expect(plain.code).toBe(0)
    expect(plain.stdout.length).toBeGreaterThan(1)
  })
})

describe('hand-over', () => {
  const out = join(box.path, 'out')
  let bundle: string

  it('exports what the run made, and overwrites nothing', async () => {
    const { artifacts } = await box.json<{ artifacts: Record<string, string> }>(['export', 'run-1', '--to', out])
    bundle = artifacts.bundle!
    expect(fileHash(join(artifacts.peft!, 'adapter_model.safetensors'))).toBe(result.adapter.sha256)
    expect(fileHash(bundle)).toBe(fileHash(result.artifacts.bundle!))
    expect((await box.error(['export', 'run-1', '--to', out], 3)).code).toBe('run.export_exists')
    expect((await box.error(['export', 'run-1', '--to', out, '--format', 'gguf'], 2)).code).toBe('feature.unavailable')
  })

  it('the maker trusts the own bundle', async () => {
    const seen = await box.json<Inspection>(['inspect', bundle])
    expect(seen).toMatchObject({
      kind: 'bundle',
      name: 'tiny-triage',
      signature: 'trusted',
      base: 'exact',
      matchingModel: 'tiny',
      problems: [],
    })
  })

  it('a colleague sees an unknown signer, imports, uses it, then trusts the key', async () => {
    const there = { workspace: colleague }
    expect(await box.json<Inspection>(['inspect', bundle], there)).toMatchObject({
      signature: 'valid-unknown-signer',
      base: 'unknown',
    })
    await box.json(['model', 'add', project.model, '--name', 'their-tiny'], there)
    const imported = await box.json<Inspection & { adapter: string }>(['import', bundle], there)
    expect(imported).toMatchObject({ signature: 'valid-unknown-signer', base: 'exact', matchingModel: 'their-tiny' })
    const question = ['--prompt', 'Which department?\nQuestion: A rash for 2 days', '--max-tokens', '6']
    const theirs = await box.json<Generation>(
      ['generate', '--model', 'their-tiny', '--adapter', imported.adapter, ...question],
      there,
    )
    const ours = await box.json<Generation>([
      'generate',
      '--model',
      'tiny',
      '--adapter',
      result.artifacts.peft!,
      ...question,
    ])
    expect(theirs.text).toBe(ours.text)

    const key = join(box.path, 'maker.key')
    const exported = await box.json<KeySummary & { file: string }>(['keys', 'export', '--to', key])
    expect(existsSync(key)).toBe(true)
    expect(await box.json<KeySummary>(['keys', 'trust', key], there)).toMatchObject({
      id: exported.id,
      status: 'trusted',
    })
    expect(await box.json<Inspection>(['inspect', bundle], there)).toMatchObject({
      signature: 'trusted',
      signer: { id: exported.id },
    })
    await box.json(['keys', 'revoke', exported.id], there)
    const revoked = await box.run(['inspect', bundle], there)
    expect(revoked.code).toBe(4)
    expect(onlyObject<Inspection>(revoked.stdout).signature).toBe('revoked')
    expect((await box.error(['import', bundle], 4, there)).code).toBe('bundle.revoked')
  })
})

describe('tune, forecast and doctor', () => {
  it('two models given by path may have one folder name; a forecast before writes nothing', async () => {
    const workspace = join(box.path, 'by-path')
    const one = { 'train.maxSteps': 1, 'export.formats': ['peft'], 'export.report': 'none' }
    const first = writeTinyProject(join(box.path, 'first'), one)
    const second = writeTinyProject(join(box.path, 'second'), one, { seed: 2 })
    const forecast = await box.json<{ steps: number; rows: number; fits: boolean }>(['forecast', first.recipe], {
      workspace,
    })
    expect(forecast).toMatchObject({ steps: 1, rows: 45, fits: true })
    expect(existsSync(join(workspace, 'airlock.db'))).toBe(false)
    for (const { recipe } of [first, second]) {
      const tuned = runResultSchema.parse(await box.json(['tune', recipe], { workspace }))
      expect(tuned.evaluation).toBeNull()
      expect(Object.keys(tuned.artifacts)).toEqual(['peft'])
    }
    const { models } = await box.json<{ models: { id: string; path: string }[] }>(['model', 'list'], { workspace })
    expect(models.map((m) => [m.id, m.path]).sort()).toEqual([
      ['model', first.model],
      ['model-2', second.model],
    ])
  })

  it('doctor finds this machine fit', async () => {
    const { ok, checks } = await box.json<{ ok: boolean; checks: { name: string; ok: boolean }[] }>(['doctor'])
    expect(ok).toBe(true)
    expect(checks.map((c) => c.name)).toEqual(expect.arrayContaining(['cpu', 'memory', 'engine', 'matmul', 'store']))
  })
})

describe('usage', () => {
  it.each([
    [['rnu'], 'usage.unknown_command'],
    [['run', 'x.yaml', '--sed', '4'], 'usage.unknown_option'],
  ])('airlock %j ends with exit code 2', async (args, code) => {
    expect((await box.error(args, 2)).code).toBe(code)
  })

  it('speaks Chinese when asked, with a hint on standard error and nothing on standard output', async () => {
    const said = await box.run(['show', 'run-9', '--lang', 'zh'], { plain: true })
    expect(said.code).toBe(3)
    expect(said.stdout).toBe('')
    expect(said.stderr).toMatch(/\[run\.unknown\].*没有改变任何内容/)
  })
})
