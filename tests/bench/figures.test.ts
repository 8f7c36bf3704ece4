import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { stepFlops } from '../../bench/flops.ts'
import { writeTable } from '../../bench/import-table.ts'
import { EXCLUDED_STEPS, median, paceOf } from '../../bench/statistics.ts'
import { syntheticTask, TASK_LABELS } from '../../bench/task.ts'
import { syntheticRows } from '../../bench/train.ts'
import { diskFiles } from '../../core/kit/index.ts'
import { configOfHuggingFace, modulesOf } from '../../core/models/index.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The shape of SmolLM2-135M. */
const config = configOfHuggingFace({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  vocab_size: 49152,
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  max_position_embeddings: 8192,
})
const lora = { rank: 16, alpha: 32, dropout: 0, modules: modulesOf('all-linear') }

describe('stepFlops', () => {
  // The engine study counted these by hand for the same model and adapter.
  it.each([
    [4, 256, 635e9],
    [1, 512, 345e9],
  ])('agrees with the count for %i × %i tokens', (batch, seq, expected) => {
    const flops = stepFlops(config, lora, { batch, seq, predicted: batch * seq })
    expect(Math.abs(flops - expected) / expected).toBeLessThan(0.005)
  })

  it('counts head and last layer only where a token is predicted', () => {
    const all = stepFlops(config, lora, { batch: 4, seq: 256, predicted: 1024 })
    const quarter = stepFlops(config, lora, { batch: 4, seq: 256, predicted: 256 })
    const head = 4 * 768 * 576 * 49152
    // o, gate, up and down of one layer, and their adapters.
    const layer = 768 * (4 * (576 * 576 + 3 * 576 * 1536) + 6 * 16 * (1152 + 3 * 2112))
    expect(all - quarter).toBe(head + layer)
  })
})

describe('paceOf', () => {
  it('leaves the first steps out and weighs the others by their time', () => {
    const slow = { rows: 1, tokens: 10, seconds: 100 }
    const pace = paceOf([slow, slow, { rows: 8, tokens: 80, seconds: 1 }, { rows: 8, tokens: 40, seconds: 3 }])
    expect(EXCLUDED_STEPS).toBe(2)
    expect(pace).toEqual({ steps: 2, secondsPerStep: 2, rowsPerSecond: 4, tokensPerSecond: 30 })
    expect(paceOf([slow, slow])).toBeNull()
  })

  it('takes the middle of an odd number', () => {
    expect(median([9, 1, 4])).toBe(4)
  })
})

describe('synthetic inputs', () => {
  const settings = {
    model: '',
    batch: 2,
    precision: 'auto',
    steps: 1,
    targets: 'all-linear',
    dropout: 0,
    threads: 1,
  } as const

  it.each([
    [1, 63],
    [0.25, 16],
    [0.001, 1],
  ])('predicts a share of %d of the tokens of a row', (supervised, predicted) => {
    const rows = syntheticRows(config, { ...settings, seq: 64, supervised, seed: 3 }, 5)
    expect(rows.prefix).toHaveLength(0)
    expect(rows.lengths).toEqual([64, 64, 64, 64, 64])
    for (const { predicted: places } of rows.sequences) {
      expect(places).toEqual(Array.from({ length: predicted }, (_, i) => 64 - predicted + i))
    }
  })

  it('makes the same rows of the same seed, and other ones of another', () => {
    const of = (seed: number) => syntheticRows(config, { ...settings, seq: 16, supervised: 1, seed }, 2).sequences
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(syntheticTask(5, 1)).toEqual(syntheticTask(5, 1))
  })

  it('uses every label of the built-in task and rows of many lengths', () => {
    const rows = syntheticTask(400, 1)
    expect(new Set(rows.map((r) => r.label))).toEqual(new Set(TASK_LABELS))
    expect(TASK_LABELS).toHaveLength(12)
    expect(new Set(rows.map((r) => r.fields.text.split(' ').length)).size).toBeGreaterThan(10)
  })
})

describe('writeTable', () => {
  const temp = tempFolder()

  it('writes a table with all that makes CSV hard, the same for the same seed', () => {
    const [first, second] = ['a.csv', 'b.csv'].map((name) => `${temp.path}/${name}`)
    const bytes = writeTable(first, 3000, 5)
    writeTable(second, 3000, 5)
    const content = diskFiles.read(first)
    expect(content).toEqual(diskFiles.read(second))
    expect(content.length).toBe(bytes)
    const rows = parse(new TextDecoder('utf-8', { fatal: true }).decode(content), { columns: true }) as Record<
      string,
      string
    >[]
    expect(rows.map((r) => r.id)).toEqual(Array.from({ length: 3000 }, (_, i) => String(i + 1)))
    expect(new Set(rows.map((r) => r.label)).size).toBe(8)
    for (const mark of [',', '"', '\n', '银行卡'])
      expect(
        rows.some((r) => r.text.includes(mark)),
        mark,
      ).toBe(true)
  })
})
