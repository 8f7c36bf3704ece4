import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isAppError } from '../../kit/error.ts'
import { unavailableFeatures } from './available.ts'
import { editDistance, nearest, parseRecipe, placeholdersOf, recipeKeyRule, recipeKeys, renderPrompt } from './index.ts'
import { recipeSchema } from './schema.ts'

const MINIMAL = { name: 'p', model: 'm', data: { train: 'train.csv' } }

/** `MINIMAL` with some dotted keys set. */
function recipeWith(keys: Record<string, unknown>): Record<string, unknown> {
  const recipe = structuredClone(MINIMAL) as Record<string, unknown>
  for (const [key, value] of Object.entries(keys)) {
    const path = key.split('.')
    let at = recipe
    for (const part of path.slice(0, -1)) {
      at[part] ??= {}
      at = at[part] as Record<string, unknown>
    }
    at[path.at(-1)!] = value
  }
  return recipe
}

function refusal(keys: Record<string, unknown>): { code: string; data: Readonly<Record<string, unknown>> } {
  try {
    parseRecipe(recipeWith(keys))
  } catch (error) {
    if (isAppError(error)) return { code: error.code, data: error.data }
    throw error
  }
  return { code: 'accepted', data: {} }
}

describe('defaults', () => {
  it('are those of the documented recipe', () => {
    expect(parseRecipe(MINIMAL)).toEqual({
      name: 'p',
      model: 'm',
      task: 'classification',
      data: {
        train: ['train.csv'],
        test: null,
        validation: null,
        split: { test: 0.2, validation: 0 },
        columns: { text: 'text', label: 'label' },
        labels: null,
        perClass: null,
        duplicates: 'remove',
        leaks: 'remove',
        nearLeaks: 'report',
      },
      privacy: { scan: true, findings: 'refuse', acceptedBy: null },
      prompt: { system: null, user: '{text}', answer: '{label}' },
      balance: { maxRatio: 1.5, method: 'downsample' },
      method: { kind: 'lora', rank: 16, alpha: 32, dropout: 0.1, targets: ['q_proj', 'v_proj'] },
      train: {
        epochs: 3,
        maxSteps: null,
        batchSize: 32,
        learningRate: 2e-4,
        schedule: 'cosine',
        warmup: 0.1,
        weightDecay: 0.01,
        maxGradNorm: 1,
        maxLength: 512,
        shuffle: true,
        prefixSharing: 'auto',
        precision: 'auto',
        evalEvery: null,
        checkpointEvery: 50,
        earlyStopping: null,
      },
      evaluate: { metrics: ['accuracy', 'macroF1'], base: true, limit: null, scoring: 'sum' },
      export: { formats: ['peft', 'bundle'], report: 'html' },
      seed: 42,
    })
  })

  it('follow the task', () => {
    const instruction = parseRecipe(recipeWith({ task: 'instruction' }))
    expect(instruction.data.columns).toEqual({ instruction: 'instruction', input: 'input', output: 'output' })
    expect(instruction.prompt).toEqual({ system: null, user: '{instruction}\n\n{input}', answer: '{output}' })
    expect(instruction.evaluate.metrics).toEqual([])
    const mapped = parseRecipe(recipeWith({ task: 'instruction', 'data.columns': { instruction: 'q', output: 'a' } }))
    expect(mapped.prompt.user).toBe('{instruction}')
    expect(parseRecipe(recipeWith({ task: 'chat' })).prompt).toEqual({ system: null, user: null, answer: null })
    expect(parseRecipe(recipeWith({ task: 'text' })).prompt).toEqual({ system: null, user: null, answer: '{text}' })
    const label = parseRecipe(recipeWith({ 'data.columns': { label: 'category' } }))
    expect(label.data.columns).toEqual({ label: 'category', text: 'text' })
  })

  it('are not shared between recipes', () => {
    const one = parseRecipe(MINIMAL)
    ;(one.method.targets as string[]).push('k_proj')
    one.export.formats.length = 0
    expect(parseRecipe(MINIMAL).method.targets).toEqual(['q_proj', 'v_proj'])
    expect(parseRecipe(MINIMAL).export.formats).toEqual(['peft', 'bundle'])
  })

  it('take the project name from the caller when the recipe has none', () => {
    expect(parseRecipe({ model: 'm', data: { train: 'a' } }, { name: 'from-file' }).name).toBe('from-file')
    expect(parseRecipe(MINIMAL, { name: 'from-file' }).name).toBe('p')
  })

  it('make parsing idempotent: a resolved recipe parses to itself', () => {
    for (const task of ['classification', 'instruction', 'chat', 'text']) {
      for (const test of [null, ['a.csv', 'b.csv']]) {
        const once = parseRecipe(recipeWith({ task, 'data.test': test, 'method.targets': 'all-linear' }))
        expect(parseRecipe(JSON.parse(JSON.stringify(once)))).toEqual(once)
      }
    }
  })
})

describe('unknown keys', () => {
  it.each([
    [{ 'train.learningRte': 1 }, 'train.learningRte', 'learningRate'],
    [{ 'train.learning_rate': 1 }, 'train.learning_rate', 'learningRate'],
    [{ 'train.lr': 1 }, 'train.lr', 'epochs|schedule|warmup|shuffle|maxSteps'],
    [{ learningRate: 1 }, 'learningRate', 'train.learningRate'],
    [{ 'data.colums': {} }, 'data.colums', 'columns'],
    [{ 'data.columns.lable': 'x' }, 'data.columns.lable', 'label'],
    [{ 'data.split.tset': 0.1 }, 'data.split.tset', 'test'],
    [{ tarin: {} }, 'tarin', 'train'],
    [{ 'method.r': 8 }, 'method.r', 'rank'],
    [{ 'train.earlyStopping': { patience: 1, patince: 2 } }, 'train.earlyStopping.patince', 'patience'],
  ] as const)('%o is named with its nearest key', (keys, path, known) => {
    const { code, data } = refusal(keys)
    expect(code).toBe('recipe.unknown_key')
    expect(data).toMatchObject({ path, key: path.split('.').at(-1) })
    expect(known.split('|')).toContain(data.nearest)
  })

  it('win over wrong values, since they often are their cause', () => {
    expect(refusal({ 'train.epochs': 'many', 'train.epoch': 3 }).code).toBe('recipe.unknown_key')
  })

  it('cover prototype keys', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const value = JSON.parse(`{"name":"p","model":"m","data":{"train":"a"},"${key}":{}}`)
      expect(() => parseRecipe(value)).toThrow(/recipe\.unknown_key/)
    }
  })
})

describe('wrong values', () => {
  it.each([
    [{ model: undefined }, 'model', 'missing'],
    [{ data: {} }, 'data.train', 'missing'],
    [{ data: 'train.csv' }, 'data', '"train.csv"'],
    [{ 'data.train': [] }, 'data.train', '[]'],
    [{ 'data.train': ['a', 'a'] }, 'data.train', '["a","a"]'],
    [{ 'data.train': ['a', 7] }, 'data.train', '["a",7]'],
    [{ 'data.labels': ['a', 1] }, 'data.labels[1]', '1'],
    [{ 'data.labels': ['a'] }, 'data.labels', '["a"]'],
    [{ 'data.perClass': 0 }, 'data.perClass', '0'],
    [{ 'data.duplicates': 'delete' }, 'data.duplicates', '"delete"'],
    [{ 'data.split': { test: 0.9, validation: 0.5 } }, 'data.split', '{"test":0.9,"validation":0.5}'],
    [{ task: 'classify' }, 'task', '"classify"'],
    [{ 'balance.maxRatio': 0.99 }, 'balance.maxRatio', '0.99'],
    [{ 'balance.maxRatio': Number.NaN }, 'balance.maxRatio', 'NaN'],
    [{ 'method.rank': 0 }, 'method.rank', '0'],
    [{ 'method.rank': 1.5 }, 'method.rank', '1.5'],
    [{ 'method.alpha': -1 }, 'method.alpha', '-1'],
    [{ 'method.dropout': 1 }, 'method.dropout', '1'],
    [{ 'method.targets': ['q_proj', 'w_proj'] }, 'method.targets', '["q_proj","w_proj"]'],
    [{ 'method.targets': [] }, 'method.targets', '[]'],
    [{ 'train.learningRate': 'fast' }, 'train.learningRate', '"fast"'],
    [{ 'train.learningRate': 0 }, 'train.learningRate', '0'],
    [{ 'train.warmup': 1.5 }, 'train.warmup', '1.5'],
    [{ 'train.epochs': '3' }, 'train.epochs', '"3"'],
    [{ 'train.maxGradNorm': Number.POSITIVE_INFINITY }, 'train.maxGradNorm', 'Infinity'],
    [{ 'train.precision': 'fp16' }, 'train.precision', '"fp16"'],
    [{ 'train.evalEvery': 0 }, 'train.evalEvery', '0'],
    [{ 'privacy.scan': 'yes' }, 'privacy.scan', '"yes"'],
    [{ 'evaluate.metrics': ['accuracy', 'f1'] }, 'evaluate.metrics[1]', '"f1"'],
    [{ 'export.formats': ['zip'] }, 'export.formats[0]', '"zip"'],
    [{ seed: -1 }, 'seed', '-1'],
    [{ name: 'a/b' }, 'name', '"a/b"'],
    [{ name: '..' }, 'name', '".."'],
    [{ name: 'CON' }, 'name', '"CON"'],
    [{ name: 'x\u202Ey' }, 'name', '"x\u202Ey"'],
    [{ train: null }, 'train', 'null'],
  ])('%o', (keys, path, got) => {
    const { code, data } = refusal(keys)
    expect(code).toBe('recipe.invalid')
    expect(data).toMatchObject({ path, got })
    expect(data.expected).toBe(recipeKeyRule(path.replace(/\[\d+\]$/, '')))
  })

  it('that are no mapping at all', () => {
    for (const value of [null, undefined, [], 'name: x', 7]) {
      expect(() => parseRecipe(value)).toThrow(/recipe\.invalid.*"path":"recipe"/)
    }
  })

  it('accepts the edges of the ranges', () => {
    for (const keys of [
      { 'balance.maxRatio': 1 },
      { 'train.warmup': 0 },
      { 'train.warmup': 1 },
      { 'train.warmup': 100 },
      { 'method.dropout': 0 },
      { 'method.rank': 1024 },
      { 'train.weightDecay': 0 },
      { 'data.split': { test: 0, validation: 0 } },
      { name: '内科 分诊-1.0' },
      { seed: Number.MAX_SAFE_INTEGER },
    ]) {
      expect(refusal(keys).code, JSON.stringify(keys)).toBe('accepted')
    }
  })
})

describe('checks between keys', () => {
  it.each([
    [{ 'data.test': 't.csv', 'data.split': { test: 0.2 } }, 'recipe.conflict'],
    [{ 'data.split': { test: 0.2, validation: 0.1 }, 'data.validation': 'v.csv' }, 'recipe.conflict'],
    [{ 'train.warmup': 20, 'train.maxSteps': 10 }, 'recipe.conflict'],
    [{ 'data.columns': { text: 'a', label: 'a' } }, 'recipe.conflict'],
    [{ 'data.columns': { instruction: 'a' } }, 'recipe.column_role'],
    [{ task: 'chat', 'data.columns': { text: 'a' } }, 'recipe.column_role'],
    [{ 'privacy.findings': 'accept' }, 'recipe.accept_needs_name'],
    [{ privacy: { findings: 'accept', acceptedBy: '  ' } }, 'recipe.accept_needs_name'],
    [{ privacy: { findings: 'accept', acceptedBy: 'public research data' } }, 'accepted'],
    [{ 'privacy.acceptedBy': 'someone' }, 'recipe.conflict'],
    [{ 'prompt.user': 'Question: {txt}' }, 'recipe.placeholder_unknown'],
    [{ 'prompt.user': 'Question: {toString}' }, 'recipe.placeholder_unknown'],
    [{ 'prompt.user': 'Question: {text} {label}' }, 'recipe.answer_in_prompt'],
    [{ 'prompt.user': 'Question?' }, 'recipe.placeholder_missing'],
    [{ 'prompt.user': 'Answer as {"text": "x"}: {text}' }, 'accepted'],
    [{ 'prompt.answer': 'yes' }, 'recipe.placeholder_missing'],
    [{ 'prompt.answer': '{{label}}' }, 'recipe.placeholder_missing'],
    [{ task: 'chat', 'prompt.user': '{messages}' }, 'recipe.conflict'],
    [{ task: 'text', 'prompt.system': 'Be terse.' }, 'recipe.conflict'],
    [{ task: 'chat', 'evaluate.metrics': ['accuracy'] }, 'recipe.conflict'],
  ])('%o: %s', (keys, code) => {
    expect(refusal(keys).code).toBe(code)
  })

  // `text: label` leaves the role label to the column of the same name: both roles would read one column.
  it('finds a clash with a default column name', () => {
    expect(refusal({ 'data.columns': { text: 'label' } }).code).toBe('recipe.conflict')
  })
})

describe('unavailableFeatures', () => {
  it('is null for everything that is built', () => {
    expect(unavailableFeatures(parseRecipe(MINIMAL))).toBeNull()
    const keys = { 'evaluate.metrics': ['precision', 'recall'], 'train.precision': 'fp32', 'evaluate.scoring': 'mean' }
    expect(unavailableFeatures(parseRecipe(recipeWith(keys)))).toBeNull()
    const accepted = { privacy: { findings: 'accept', acceptedBy: 'x' }, 'balance.method': 'weight' }
    expect(unavailableFeatures(parseRecipe(recipeWith(accepted)))).toBeNull()
  })

  it.each([
    [{ 'data.columns': { text: 't', label: 'l', chosen: 'c' } }, 'data.columns.chosen'],
    [{ 'privacy.findings': 'redact' }, 'privacy.findings: redact'],
    [{ 'balance.method': 'augment' }, 'balance.method: augment'],
    [{ 'method.kind': 'full' }, 'method.kind: full'],
    [{ 'method.kind': 'prompt' }, 'method.kind: prompt'],
    [{ 'train.precision': 'int8' }, 'train.precision: int8'],
    [{ 'train.learningRate': 'auto' }, 'train.learningRate: auto'],
    [{ 'train.evalEvery': 10 }, 'train.evalEvery'],
    [{ 'train.earlyStopping': { patience: 3 } }, 'train.earlyStopping'],
    [{ 'evaluate.scoring': 'calibrated' }, 'evaluate.scoring: calibrated'],
    [{ 'evaluate.metrics': ['accuracy', 'rougeL'] }, 'evaluate.metrics: rougeL'],
    [{ 'export.formats': ['peft', 'gguf'] }, 'export.formats: gguf'],
    [{ 'export.report': 'pdf' }, 'export.report: pdf'],
  ])('%o', (keys, feature) => {
    expect(unavailableFeatures(parseRecipe(recipeWith(keys)))).toBe(feature)
  })
})

describe('helpers', () => {
  it('give every key a rule and a path', () => {
    const keys = recipeKeys()
    expect(keys).toHaveLength(new Set(keys).size)
    expect(keys).toContain('train.learningRate')
    expect(keys).toContain('data.columns.rejected')
    for (const key of keys) expect(recipeKeyRule(key), key).toMatch(/\S/)
    expect(recipeKeyRule('train.nothing')).toBeUndefined()
    // Independent count: the JSON schema that zod itself derives names the same sections.
    const schema = z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any' }) as { properties: object }
    expect(keys.filter((key) => !key.includes('.'))).toEqual(Object.keys(schema.properties))
  })

  it('measure edits as published (kitten, sitting; ca, ac)', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('ca', 'ac')).toBe(1)
    expect(editDistance('', 'abc')).toBe(3)
    expect(nearest('x', [])).toBeUndefined()
    expect(nearest('a'.repeat(1_000_000), ['b'])).toBe('b')
  })

  it('fill placeholders in one pass and keep other braces', () => {
    const template = 'Q: {text}\nJSON: {"a": {"b": 1}} {{text}} {} { text }'
    expect(placeholdersOf(template)).toEqual(['text'])
    expect(renderPrompt(template, { text: 'say {label} $& $1' })).toBe(
      'Q: say {label} $& $1\nJSON: {"a": {"b": 1}} {text} {} { text }',
    )
    expect(() => renderPrompt('{toString}', {})).toThrow(RangeError)
  })
})
