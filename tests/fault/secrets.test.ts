import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { platform } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openZip } from '../../core/formats/zip/index.ts'
import { randomStream } from '../../core/kit/index.ts'
import { type CliOptions, type CliResult, childrenOf, sandbox, until } from '../e2e/cli.ts'
import { savedSteps } from '../e2e/resume-support.ts'
import { csvOf, type RecipeChanges, tinyRecipe, tinyRows, writeTinyModel } from '../support/tiny-model.ts'

/**
 * P-53: what stands in rows never reaches logs, temporary files, crash files or the screen, wherever a run ends.
 * Twenty secrets are planted in the rows of every table; all output of every command is searched for them.
 */
const box = sandbox('secrets')
const temporary = join(box.path, 'tmp')
const folder = join(box.path, 'project')

const random = randomStream(53, 'secrets')
/** Eight characters each: parsers that quote what they could not read quote about ten. */
const secrets = Array.from({ length: 20 }, () => `Q${random.uint32().toString(36).padStart(7, 'z')}`)
/** Rows whose text holds one secret each. */
const rows = tinyRows([20, 18, 16]).map((r, i) => ({ ...r, text: `${r.text} ${secrets[i % secrets.length]}` }))
const test = tinyRows([3, 3, 3], 8).map((r, i) => ({ ...r, text: `${r.text} ${secrets[i]}` }))

const spoken: { args: string; result: CliResult }[] = []

async function command(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const result = await box.run(args, {
    ...options,
    env: { TMPDIR: temporary, NODE_DEBUG: 'child_process', NODE_REPORT_DIRECTORY: temporary, ...options.env },
  })
  spoken.push({ args: args.join(' '), result })
  return result
}

function recipe(files: Readonly<Record<string, string>>, changes: RecipeChanges = {}): string {
  for (const [name, data] of Object.entries({ 'train.csv': csvOf(rows), 'test.csv': csvOf(test), ...files }))
    writeFileSync(join(folder, name), data)
  const path = join(folder, 'recipe.yaml')
  writeFileSync(path, tinyRecipe('tiny', { 'train.maxSteps': 6, ...changes }))
  return path
}

/** Every file below a folder as text, by path. */
function texts(path: string): [string, string][] {
  if (!existsSync(path)) return []
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
  return files.map((f) => [join(f.parentPath, f.name), readFileSync(join(f.parentPath, f.name), 'latin1')])
}

/** Names of the places that hold a secret. */
function leaks(places: Iterable<readonly [string, string]>): string[] {
  return [...places].filter(([, text]) => secrets.some((s) => text.includes(s))).map(([name]) => name)
}

beforeAll(async () => {
  mkdirSync(folder)
  mkdirSync(temporary)
  const model = writeTinyModel(join(box.path, 'model'))
  expect((await command(['model', 'add', model, '--name', 'tiny'])).code).toBe(0)
}, 60_000)

describe('P-53: a run that ends', () => {
  const bad = (text: string): string => `${csvOf(rows)}${text}\n`

  it.each<[string, Record<string, string>, RecipeChanges, number]>([
    ['at a row with too many cells', { 'train.csv': bad(`${secrets[0]},bones,${secrets[1]}`) }, {}, 3],
    ['at an open quote', { 'train.csv': bad(`"${secrets[2]} and so on,bones`) }, {}, 3],
    [
      'at broken JSON',
      { 'train.jsonl': `{"text": "${secrets[3]}", "label": "bones"}\n{"text": "${secrets[4]}", "label: oops}\n` },
      { 'data.train': 'train.jsonl' },
      3,
    ],
    ['at a wrong column', {}, { 'data.columns': { text: 'text', label: 'lable' } }, 3],
    ['at a leak', { 'test.csv': csvOf(rows.slice(0, 5)) }, { 'data.leaks': 'refuse' }, 4],
    [
      'at a near leak',
      { 'test.csv': csvOf(rows.slice(0, 5).map((r) => ({ ...r, text: `${r.text}!` }))) },
      { 'data.nearLeaks': 'refuse' },
      4,
    ],
    ['because every row is too long', {}, { 'train.maxLength': 10 }, 3],
    ['at an unknown placeholder', {}, { 'prompt.user': '{secret}' }, 3],
  ])('%s', async (_name, files, changes, exit) => {
    expect((await command(['run', recipe(files, changes)])).code).toBe(exit)
  })

  it('well, in both languages, with and without --json', async () => {
    expect((await command(['run', recipe({})])).code).toBe(0)
    expect((await command(['run', recipe({}), '--lang', 'zh'], { plain: true })).code).toBe(0)
    expect((await command(['show', 'run-1'])).code).toBe(0)
    expect((await command(['evaluate', '--run', 'run-1'])).code).toBe(0)
    expect(
      (await command(['data', 'import', join(folder, 'train.csv'), '--columns', 'text=text,label=label'])).code,
    ).toBe(0)
    expect(
      (await command(['data', 'profile', join(folder, 'train.csv'), '--columns', 'text=text,label=label'])).code,
    ).toBe(0)
  })

  it.skipIf(platform() !== 'linux')(
    'by a killed job, and then at a damaged row whose text the JSON parser quotes',
    async () => {
      const path = recipe({}, { 'train.maxSteps': 60, 'train.epochs': 60, 'train.checkpointEvery': 2 })
      const running = box.start(['run', path], { env: { TMPDIR: temporary } })
      const run = 'run-3'
      await until(() => savedSteps(box.workspace, run) >= 2, 'two saved steps')
      for (const pid of childrenOf(running.pid)) process.kill(pid, 'SIGKILL')
      const result = await running.done
      spoken.push({ args: 'run, killed', result })
      expect(result.code).toBe(5)
      const file = join(box.workspace, 'runs', run, 'rows.jsonl')
      const lines = readFileSync(file, 'utf8').split('\n')
      const damaged = lines[0]!.replace(/^.*?(Q\w{7})/, '$1')
      expect(secrets.some((s) => damaged.startsWith(s))).toBe(true)
      writeFileSync(file, [damaged, ...lines.slice(1)].join('\n'))
      expect((await command(['resume', run])).code).toBeGreaterThan(0)
    },
  )

  it('leaves no secret on the screen, in logs, in crash files or in temporary files', () => {
    expect(spoken.length).toBeGreaterThan(15)
    expect(
      leaks(
        spoken.flatMap(({ args, result }) => [
          [`stdout of ${args}`, result.stdout] as const,
          [`stderr of ${args}`, result.stderr] as const,
        ]),
      ),
    ).toEqual([])
    const logs = texts(box.home)
    // A defect was logged above, so the search has something to search.
    if (platform() === 'linux') expect(logs.filter(([name]) => name.endsWith('.log')).length).toBeGreaterThan(0)
    expect(leaks([...logs, ...texts(temporary)])).toEqual([])
    // Nothing half-written stays behind anywhere.
    expect(
      texts(box.path).filter(([name]) => /\.partial$|(^|\/)core(\.\d+)?$|report\..*\.json$|\.tmp$/.test(name)),
    ).toEqual([])
  })

  it('hands over a bundle without them, while the own report and the store may hold rows', async () => {
    const bundle = join(box.workspace, 'runs/run-1/result/tiny-triage.airlock')
    const zip = await openZip(bundle)
    const names: string[] = []
    const found: [string, string][] = []
    try {
      for (const entry of zip.entries) {
        names.push(entry.name)
        found.push([entry.name, Buffer.from(await zip.read(entry)).toString('latin1')])
      }
    } finally {
      zip.close()
    }
    expect(names).toContain('report.html')
    expect(leaks(found)).toEqual([])
    // The search itself works: the job folder of course holds the rows.
    expect(leaks(texts(join(box.workspace, 'runs/run-1'))).length).toBeGreaterThan(0)
  })
})
