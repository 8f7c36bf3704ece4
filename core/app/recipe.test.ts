import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseRecipe } from '../contract/recipe/index.ts'
import { readYaml, writeYaml } from '../formats/yaml/index.ts'
import { isAppError } from '../kit/error.ts'
import { loadRecipe, recipeFiles, recipeModel } from './recipe.ts'

/** The documented recipe with every key, as a person reads it. */
const DOCUMENTED = `
name: banking-intents
model: smollm2-135m-instruct        # registered id, folder, or .gguf
task: classification                # classification | instruction | chat | text
data:
  train: data/train.csv             # one path or a list
  test: data/test.csv               # or  split: {test: 0.2, validation: 0.1}
  validation: null
  columns: {text: text, label: category}
  labels: null
  perClass: null
  duplicates: remove
  leaks: remove
  nearLeaks: report
privacy: {scan: true, findings: refuse, acceptedBy: null}
prompt:
  system: null
  user: |-
    Classify the banking question into one intent.
    Question: {text}
  answer: "{label}"
balance: {maxRatio: 1.5, method: downsample}
method: {kind: lora, rank: 16, alpha: 32, dropout: 0.1, targets: [q_proj, v_proj]}
train:
  epochs: 3
  maxSteps: null
  batchSize: 32
  learningRate: 2.0e-4
  schedule: cosine
  warmup: 0.1
  weightDecay: 0.01
  maxGradNorm: 1.0
  maxLength: 512
  shuffle: true
  prefixSharing: auto
  precision: auto
  evalEvery: null
  checkpointEvery: 50
  earlyStopping: null
evaluate: {metrics: [accuracy, macroF1], base: true, limit: null, scoring: sum}
export: {formats: [peft, bundle], report: html}
seed: 42
`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airlock-recipe-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
  return 'accepted'
}

describe('loadRecipe', () => {
  it('takes the documented recipe, whose values are the defaults', () => {
    const { recipe } = loadRecipe(write('r.yaml', DOCUMENTED))
    const { name, model, data, prompt } = recipe
    const short = {
      name,
      model,
      data: { train: 'data/train.csv', test: 'data/test.csv', columns: data.columns },
      prompt,
    }
    expect(parseRecipe(short)).toEqual(recipe)
    expect(prompt.user).toBe('Classify the banking question into one intent.\nQuestion: {text}')
    expect(recipe.train.learningRate).toBe(2e-4)
  })

  it('reads the same recipe from JSON, and from what it writes itself', () => {
    const { recipe } = loadRecipe(write('r.yaml', DOCUMENTED))
    const json = JSON.stringify(readYaml(new TextEncoder().encode(DOCUMENTED)), null, '\t')
    expect(loadRecipe(write('r.json', json)).recipe).toEqual(recipe)
    expect(loadRecipe(write('again.yaml', writeYaml(recipe))).recipe).toEqual(recipe)
  })

  it('names the project after the file, lets --seed win and resolves paths against the recipe', () => {
    const text = 'model: ./m.gguf\ndata: {train: [a.csv, /abs/b.csv], test: sub/t.csv}\n'
    const loaded = loadRecipe(write('triage.yaml', text), { seed: 7 })
    expect(loaded.recipe).toMatchObject({ name: 'triage', seed: 7, model: './m.gguf' })
    expect(recipeFiles(loaded)).toEqual({
      train: [join(folder, 'a.csv'), resolve('/abs/b.csv')],
      test: [join(folder, 'sub/t.csv')],
      validation: null,
    })
    expect(recipeModel(loaded)).toEqual({ path: join(folder, 'm.gguf') })
    const known = loadRecipe(write('k.yaml', 'model: smollm2\ndata: {train: a.csv}\n'))
    expect(recipeModel(known)).toEqual({ id: 'smollm2' })
    write('smollm2', '')
    expect(recipeModel(known)).toEqual({ path: join(folder, 'smollm2') })
  })

  it('refuses by name', () => {
    const base = 'model: m\ndata: {train: a.csv}\n'
    expect(code(() => loadRecipe(write('a.yaml', `${base}seeed: 1\n`)))).toBe('recipe.unknown_key')
    expect(code(() => loadRecipe(write('b.yaml', `${base}seed: [\n`)))).toBe('recipe.syntax')
    expect(code(() => loadRecipe(write('c.yaml', `${base}train: {precision: int8}\n`)))).toBe('feature.unavailable')
    expect(code(() => loadRecipe(write('d.yaml', '')))).toBe('recipe.invalid')
    expect(code(() => loadRecipe(write('e.yaml', '#'.repeat(2_000_000))))).toBe('recipe.too_large')
    expect(() => loadRecipe(join(folder, 'none.yaml'))).toThrow(/ENOENT/)
  })
})
