import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, u64, utf8 } from '../support/bytes.ts'
import { array, entry, ggufFile, stringEntry, tensorInfo } from '../support/gguf-writer.ts'
import {
  csvOf,
  type RecipeChanges,
  type TinyProject,
  tinyRecipe,
  tinyRows,
  writeTinyModel,
  writeTinyProject,
} from '../support/tiny-model.ts'
import { sandbox, treeHash } from './cli.ts'

/**
 * Bad input through the real command line: each kind has its own name and exit code, changes nothing in the workspace
 * and never makes the program balloon.
 */
const box = sandbox('bad-input')
const folder = join(box.path, 'bad')
let project: TinyProject
let before: Record<string, string>

/** A healthy command needs about 130 MB; a reader may use a bounded buffer more. */
const memoryLimit = 300e6

beforeAll(async () => {
  project = writeTinyProject(join(box.path, 'project'), { model: 'tiny' })
  mkdirSync(folder)
  await box.json(['model', 'add', project.model, '--name', 'tiny'])
  // A finished run and an identity, so that there is something to damage.
  await box.json(['run', project.recipe])
  before = treeHash(box.workspace)
  expect(Object.keys(before).length).toBeGreaterThan(10)
}, 60_000)

async function refused(args: readonly string[], exit: number): ReturnType<typeof box.error> {
  const error = await box.error(args, exit)
  expect(treeHash(box.workspace), 'the workspace changed').toEqual(before)
  expect(error.maxRss).toBeGreaterThan(20e6)
  expect(error.maxRss).toBeLessThan(memoryLimit)
  return error
}

const good = tinyRows([12, 10, 8])

/** Writes data files and a recipe beside them; returns the recipe. */
function recipeWith(files: Readonly<Record<string, string | Uint8Array>>, changes: RecipeChanges = {}): string {
  const all = { 'train.csv': csvOf(good), 'test.csv': csvOf(tinyRows([2, 2, 2], 9)), ...files }
  for (const [name, data] of Object.entries(all)) writeFileSync(join(folder, name), data)
  const recipe = join(folder, 'recipe.yaml')
  writeFileSync(recipe, tinyRecipe('tiny', changes))
  return recipe
}

const relabel = (label: string): { text: string; label: string }[] => good.map((r) => ({ ...r, label }))
const withStrangeTest = csvOf([...tinyRows([2, 2, 2], 9), { text: 'A ringing ear', label: 'ears' }])

describe('tables', () => {
  it.each<[string, Record<string, string | Uint8Array>, RecipeChanges, number, string, Record<string, unknown>]>([
    [
      'wrong column',
      {},
      { 'data.columns': { text: 'text', label: 'labell' } },
      3,
      'data.column_missing',
      { column: 'labell', nearest: 'label' },
    ],
    [
      'one class only',
      { 'train.csv': csvOf(relabel('bones')), 'test.csv': csvOf(relabel('bones').slice(0, 3)) },
      {},
      3,
      'data.one_class',
      { label: 'bones' },
    ],
    ['empty file', { 'train.csv': '' }, {}, 3, 'data.empty', {}],
    ['header only', { 'train.csv': 'text,label\n' }, {}, 3, 'data.no_rows', {}],
    [
      'label in test only',
      { 'test.csv': withStrangeTest },
      {},
      3,
      'data.label_only_in_test',
      { labels: ['ears'], split: 'test' },
    ],
    ['blank in every row', { 'train.csv': 'text,label\n"",bones\n"",skin\n' }, {}, 3, 'data.all_empty', {}],
    ['ragged row', { 'train.csv': `${csvOf(good)}too,many,cells\n` }, {}, 3, 'data.csv.ragged', {}],
    ['unclosed quote', { 'train.csv': `${csvOf(good)}"open,bones\n` }, {}, 3, 'data.csv.unclosed_quote', {}],
    [
      'binary rubbish',
      { 'train.csv': Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256) },
      {},
      3,
      'data.',
      {},
    ],
    ['missing file', {}, { 'data.train': 'nowhere.csv' }, 3, 'data.file_missing', {}],
    [
      'a leak that must be refused',
      { 'test.csv': csvOf(good.slice(0, 6)) },
      { 'data.leaks': 'refuse' },
      4,
      'data.leak',
      { count: 6 },
    ],
  ])('%s', async (_name, files, changes, exit, code, data) => {
    const error = await refused(['run', recipeWith(files, changes)], exit)
    expect(error.code.startsWith(code), `${error.code} for ${code}`).toBe(true)
    expect(error.data).toMatchObject(data)
  })

  it('a cell of 100 MB', async () => {
    const recipe = recipeWith({})
    const file = openSync(join(folder, 'train.csv'), 'w')
    const block = new Uint8Array(1 << 20).fill(120)
    writeSync(file, 'text,label\n"')
    for (let i = 0; i < 100; i++) writeSync(file, block)
    writeSync(file, '",bones\n')
    closeSync(file)
    expect((await refused(['run', recipe], 3)).code).toBe('data.cell_too_large')
  })
})

describe('recipes', () => {
  it.each<[string, RecipeChanges, number, string, Record<string, unknown>]>([
    ['a typo in a key', { 'train.epocs': 3 }, 3, 'recipe.unknown_key', { key: 'epocs', nearest: 'epochs' }],
    ['a typo in a value', { 'train.schedule': 'cosin' }, 3, 'recipe.invalid', { path: 'train.schedule' }],
    ['a number out of range', { 'train.batchSize': 0 }, 3, 'recipe.invalid', { path: 'train.batchSize' }],
    ['an unknown placeholder', { 'prompt.user': 'Q: {txt}' }, 3, 'recipe.placeholder_unknown', {}],
    ['an unknown model', { model: 'smolm2' }, 3, 'model.not_registered', { model: 'smolm2', known: ['tiny'] }],
    ['an adapter target that the schema does not know', { 'method.targets': ['q_prj'] }, 3, 'recipe.invalid', {}],
    ['something not built yet', { 'method.kind': 'full' }, 2, 'feature.unavailable', { feature: 'method.kind: full' }],
  ])('%s', async (_name, changes, exit, code, data) => {
    const error = await refused(['run', recipeWith({}, changes)], exit)
    expect(error).toMatchObject({ code, data })
  })

  it('a file that is no recipe, and one that is not there', async () => {
    writeFileSync(join(folder, 'broken.yaml'), 'model: [unclosed\n')
    expect((await refused(['run', join(folder, 'broken.yaml')], 3)).code).toBe('recipe.syntax')
    expect((await refused(['run', join(folder, 'nowhere.yaml')], 3)).code).toBe('file.not_found')
  })

  it('a model that was exchanged after it was registered', async () => {
    const file = join(project.model, 'model.safetensors')
    const original = readFileSync(file)
    const changed = Buffer.from(original)
    changed[changed.length - 1]! ^= 1
    writeFileSync(file, changed)
    try {
      expect(await refused(['run', project.recipe], 3)).toMatchObject({
        code: 'model.changed',
        data: { model: 'tiny', part: 'weights' },
      })
    } finally {
      writeFileSync(file, original)
    }
  })
})

describe('models', () => {
  function modelFolder(name: string, change: (path: string) => void): string {
    const path = writeTinyModel(join(folder, name))
    change(path)
    return path
  }
  const cut = (path: string, bytes: number): void => writeFileSync(path, readFileSync(path).subarray(0, bytes))

  it('truncated safetensors', async () => {
    const model = modelFolder('cut-tensors', (path) => cut(join(path, 'model.safetensors'), 200_000))
    expect((await refused(['model', 'add', model], 3)).code).toBe('format.safetensors.data_truncated')
    const header = modelFolder('cut-header', (path) => cut(join(path, 'model.safetensors'), 100))
    expect((await refused(['model', 'add', header], 3)).code).toBe('format.safetensors.header_truncated')
  })

  it('truncated GGUF', async () => {
    const path = join(folder, 'cut.gguf')
    copyFileSync(join(import.meta.dirname, '../fixtures/tensors/llama.Q4_1.gguf'), path)
    cut(path, readFileSync(path).length - 1000)
    expect((await refused(['model', 'add', path], 3)).code).toBe('format.gguf.data_truncated')
    cut(path, 300)
    // The header promises more metadata than 300 bytes can hold.
    expect((await refused(['model', 'add', path], 3)).code).toBe('format.gguf.count')
  })

  it('a pickle under another name is told by its content', async () => {
    // PROTO 2, an empty dict with one member that names a class: how saved PyTorch weights begin.
    const pickle = utf8('\x80\x02}q\x00X\x07\x00\x00\x00weightsq\x01ccollections\nOrderedDict\nq\x02)Rq\x03s.').filter(
      (b) => b !== 0xc2,
    )
    for (const name of ['model.gguf', 'model.safetensors']) {
      const path = join(folder, 'pickled')
      const file = name.endsWith('gguf')
        ? join(folder, name)
        : join(
            modelFolder('pickled', () => {}),
            name,
          )
      writeFileSync(file, pickle)
      expect((await refused(['model', 'add', name.endsWith('gguf') ? file : path], 3)).code).toBe('format.pickle')
    }
  })

  it.each<[string, () => Uint8Array, string]>([
    ['claims 2^60 entries', () => ggufFile({ entryCount: 2n ** 60n }), 'format.gguf.'],
    [
      'claims a text of 2^62 bytes',
      () => ggufFile({ entries: [concat(u64(2n ** 62n), utf8('x'))], entryCount: 1 }),
      'format.gguf.',
    ],
    [
      'claims an array of 2^40 items',
      () => ggufFile({ entries: [entry('a', 9, array(4, [], 2n ** 40n))] }),
      'format.gguf.array_length',
    ],
    [
      'claims a tensor of 2^50 items',
      () => ggufFile({ tensors: [tensorInfo('a', [2n ** 25n, 2n ** 25n], 0, 0)], data: new Uint8Array(64) }),
      'format.gguf.',
    ],
    [
      'an architecture that is not supported',
      () => ggufFile({ entries: [stringEntry('general.architecture', 'rwkv')] }),
      'model.unsupported',
    ],
  ])('hostile GGUF: %s', async (_name, make, code) => {
    const path = join(folder, 'hostile.gguf')
    writeFileSync(path, make())
    expect((await refused(['model', 'add', path], 3)).code.startsWith(code)).toBe(true)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown family', { model_type: 'mamba' }, 'model.unsupported'],
    ['a width of a billion', { hidden_size: 1e9, head_dim: 12 }, 'model.tensor_shape'],
    ['half a layer', { num_hidden_layers: 2.5 }, 'model.config.invalid'],
    ['more layers than there are weights for', { num_hidden_layers: 4 }, 'model.tensor_missing'],
    ['an option that would change the computation', { hidden_act: 'gelu' }, 'model.option_unsupported'],
  ])('config.json with %s', async (_name, keys, code) => {
    const model = modelFolder('config', (path) => {
      const file = join(path, 'config.json')
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...keys }))
    })
    expect((await refused(['model', 'add', model], 3)).code).toBe(code)
  })

  it('a billion layers cost no time and no memory', async () => {
    const model = modelFolder('layers', (path) => {
      const file = join(path, 'config.json')
      writeFileSync(
        file,
        JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), num_hidden_layers: 1_000_000_000 }),
      )
    })
    const began = performance.now()
    expect((await refused(['model', 'add', model], 3)).code).toMatch(/^model\./)
    expect(performance.now() - began).toBeLessThan(15_000)
  })
})

describe('hand-over', () => {
  it('what is no bundle, and a bundle with one changed byte', async () => {
    writeFileSync(join(folder, 'no.airlock'), 'not a zip at all')
    expect((await refused(['inspect', join(folder, 'no.airlock')], 3)).code).toMatch(/^(format\.zip|bundle)\./)
    const bundle = readFileSync(join(box.workspace, 'runs/run-1/result/tiny-triage.airlock'))
    bundle[bundle.length >> 1]! ^= 4
    writeFileSync(join(folder, 'changed.airlock'), bundle)
    const result = await box.run(['import', join(folder, 'changed.airlock')])
    expect([3, 4]).toContain(result.code)
    expect(treeHash(box.workspace)).toEqual(before)
  })
})

describe('a workspace that does not exist yet', () => {
  it('is not made by a recipe that is refused, even one that names its model by path', async () => {
    const fresh = join(box.path, 'fresh')
    const recipe = recipeWith({}, { model: project.model, 'data.columns': { text: 'text', label: 'nope' } })
    expect((await box.error(['run', recipe], 3, { workspace: fresh })).code).toBe('data.column_missing')
    expect(treeHash(fresh)).toEqual({})
    const models = await box.json<{ models: unknown[] }>(['model', 'list'], { workspace: fresh })
    expect(models.models).toEqual([])
  })
})
