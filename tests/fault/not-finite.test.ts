import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../core/contract/app.ts'
import { openSafetensors } from '../../core/formats/safetensors/index.ts'
import { loadTokenizerJson } from '../../core/text/index.ts'
import { sandbox } from '../e2e/cli.ts'
import { csvOf, tinyConfigJson, tinyRows, writeTinyProject } from '../support/tiny-model.ts'

const tokenizerFile = join(import.meta.dirname, '../fixtures/tokenizers/bpe-bytelevel/tokenizer.json')

describe('P-43: a NaN never spreads', () => {
  const box = sandbox('not-finite')

  it('the run stops within the step, keeps the last good state, and says so', async () => {
    const tokenizer = loadTokenizerJson(JSON.parse(readFileSync(tokenizerFile, 'utf8')), {})
    // A sign that stands in no other text: its first byte is a token of its own.
    const [poison] = tokenizer.encode('≈', { specials: 'literal', addSpecialTokens: false })
    const changes = { 'train.shuffle': false, 'balance.method': 'none', 'train.checkpointEvery': 50, model: 'poisoned' }
    const project = writeTinyProject(join(box.path, 'project'), changes, {
      // Untied: in a tied model the embedding is the head too, and every logit would see the number.
      config: { tie_word_embeddings: false },
      edit: (weights) => {
        weights.get('model.embed_tokens.weight')!.data[poison! * tinyConfigJson.hidden_size] = Number.NaN
      },
    })
    const rows = tinyRows([20, 20, 20])
    // Steps of 12 rows in file order: row 30 belongs to the third step.
    rows[30] = { text: `${rows[30]!.text} ≈ 5`, label: rows[30]!.label }
    writeFileSync(join(project.folder, 'train.csv'), csvOf(rows))
    await box.json(['model', 'add', project.model, '--name', 'poisoned'])

    const error = await box.error(['run', project.recipe], 3)
    expect(error).toMatchObject({ code: 'train.not_finite', data: { step: 3, steps: 12 } })
    const folder = join(box.workspace, 'runs/run-1/checkpoints')
    expect(readdirSync(folder)).toEqual(['checkpoint-0000002.safetensors'])
    const checkpoint = openSafetensors(join(folder, 'checkpoint-0000002.safetensors'))
    for (const name of ['values', 'firstMoment', 'secondMoment'])
      expect(checkpoint.readFloat32(name).every(Number.isFinite)).toBe(true)
    checkpoint.close()
    const { runs } = await box.json<{ runs: RunSummary[] }>(['runs'])
    expect(runs).toMatchObject([{ run: 'run-1', state: 'failed', step: 2 }])
    // Going on meets the same number at the same step; nothing gets worse.
    expect(await box.error(['resume', 'run-1'], 3)).toMatchObject({ code: 'train.not_finite', data: { step: 3 } })
    expect(readdirSync(folder)).toEqual(['checkpoint-0000002.safetensors'])
  })
})
