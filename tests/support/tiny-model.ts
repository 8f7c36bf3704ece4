import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { encodeSafetensors } from '../../core/formats/safetensors/index.ts'
import { randomStream } from '../../core/kit/index.ts'
import { configOfHuggingFace, type ModelConfig, requiredTensors } from '../../core/models/index.ts'

/** A very small Llama with seeded random weights, and a table it can learn: whole journeys in seconds, without any download. */

const tokenizerFolder = resolve(import.meta.dirname, '../fixtures/tokenizers/bpe-bytelevel')

/** config.json of the tiny model: grouped-query attention, tied embeddings, the fixture tokenizer's 512 tokens. */
export const tinyConfigJson = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 48,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 12,
  vocab_size: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  max_position_embeddings: 512,
}

const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** Seeded weights by Hugging Face name. Scales are chosen so that a few adapter steps can move the logits far enough. */
export function tinyWeights(
  config: ModelConfig,
  seed = 1,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  for (const [name, shape] of requiredTensors(config)) {
    const random = randomStream(seed, 'tiny-model', name)
    const size = shape.reduce((n, d) => n * d, 1)
    const isNorm = name.endsWith('norm.weight')
    const scale = name.includes('embed_tokens') || name.includes('lm_head') ? 0.3 : 1.2 / Math.sqrt(shape.at(-1)!)
    const data = Float32Array.from({ length: size }, () =>
      isNorm ? 0.8 + 0.1 * random.normal() : scale * random.normal(),
    )
    weights.set(name, { shape, data })
  }
  return weights
}

export interface TinyModelOptions {
  readonly seed?: number
  /** Keys of config.json to change. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Changes weights before they are written. */
  readonly edit?: (weights: Map<string, { shape: readonly number[]; data: Float32Array }>) => void
}

/** Writes the tiny model as a Hugging Face folder and returns the folder. */
export function writeTinyModel(folder: string, options: TinyModelOptions = {}): string {
  const json = { ...tinyConfigJson, ...options.config }
  const weights = tinyWeights(configOfHuggingFace(json), options.seed ?? 1)
  options.edit?.(weights)
  mkdirSync(folder, { recursive: true })
  const tensors = [...weights].map(([name, { shape, data }]) => ({ name, dtype: 'F32' as const, shape, data }))
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors, { format: 'pt' }))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json, null, 2))
  cpSync(join(tokenizerFolder, 'tokenizer.json'), join(folder, 'tokenizer.json'))
  const settings = { eos_token: '<|im_end|>', bos_token: null, chat_template: chatTemplate }
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(settings, null, 2))
  return folder
}

/** Words of which exactly one stands in a row's text and decides its label. */
const topics = {
  bones: ['fracture', 'sprain', 'cast', 'joint'],
  heart: ['pulse', 'chest', 'pressure', 'rhythm'],
  skin: ['rash', 'itching', 'mole', 'burn'],
} as const
export const tinyLabels = Object.keys(topics) as (keyof typeof topics)[]

/** Distinct rows whose words decide the label; classes follow `counts` in the order of `tinyLabels`. */
export function tinyRows(counts: readonly number[], seed = 1): { text: string; label: string }[] {
  const random = randomStream(seed, 'tiny-rows')
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!
  const rows: { text: string; label: string }[] = []
  const seen = new Set<string>()
  tinyLabels.forEach((label, i) => {
    for (let n = 0; n < (counts[i] ?? 0); ) {
      const text = `${pick(['My', 'A', 'The', 'Her', 'His'])} ${pick(topics[label])} ${pick(['since', 'for', 'after'])} ${1 + random.int(90)} ${pick(['days', 'hours', 'weeks'])}`
      if (seen.has(text)) continue
      seen.add(text)
      rows.push({ text, label })
      n++
    }
  })
  return random.shuffle(rows)
}

export function csvOf(rows: readonly { text: string; label: string }[]): string {
  const quoted = (s: string): string => `"${s.replaceAll('"', '""')}"`
  return `text,label\n${rows.map((r) => `${quoted(r.text)},${quoted(r.label)}`).join('\n')}\n`
}

/** Keys of a recipe to set or replace, by dotted path (`train.maxSteps`). */
export type RecipeChanges = Readonly<Record<string, unknown>>

/** A recipe for the tiny model and table as JSON (which is YAML too). */
export function tinyRecipe(model: string, changes: RecipeChanges = {}): string {
  const recipe: Record<string, unknown> = {
    name: 'tiny-triage',
    model,
    task: 'classification',
    data: { train: 'train.csv', test: 'test.csv', columns: { text: 'text', label: 'label' } },
    privacy: { scan: false },
    prompt: { user: 'Which department?\nQuestion: {text}', answer: '{label}' },
    balance: { maxRatio: 1.5, method: 'downsample' },
    method: { kind: 'lora', rank: 4, alpha: 8, dropout: 0.05, targets: 'all-linear' },
    train: { epochs: 10, maxSteps: 12, batchSize: 12, learningRate: 0.01, maxLength: 128, checkpointEvery: 3 },
    evaluate: { metrics: ['accuracy', 'macroF1'] },
    seed: 7,
  }
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.')
    let at = recipe
    for (const key of keys.slice(0, -1)) {
      at[key] = { ...(at[key] as object | undefined) }
      at = at[key] as Record<string, unknown>
    }
    if (value === undefined) delete at[keys.at(-1)!]
    else at[keys.at(-1)!] = value
  }
  return JSON.stringify(recipe, null, 2)
}

/** Model, tables and recipe side by side in one folder. */
export interface TinyProject {
  readonly folder: string
  readonly model: string
  readonly recipe: string
}

/** Lays out a project folder: `model/`, `train.csv` (30 : 15 : 12), `test.csv` (5 each), `recipe.yaml`. */
export function writeTinyProject(
  folder: string,
  changes: RecipeChanges = {},
  options: TinyModelOptions = {},
): TinyProject {
  const model = writeTinyModel(join(folder, 'model'), options)
  const all = tinyRows([35, 20, 17])
  const held = new Set(tinyLabels.flatMap((label) => all.filter((r) => r.label === label).slice(0, 5)))
  writeFileSync(join(folder, 'train.csv'), csvOf(all.filter((r) => !held.has(r))))
  writeFileSync(join(folder, 'test.csv'), csvOf([...held]))
  const recipe = join(folder, 'recipe.yaml')
  writeFileSync(recipe, tinyRecipe(model, changes))
  return { folder, model, recipe }
}
