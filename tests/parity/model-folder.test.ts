import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configOfHuggingFace, readModelJson } from '../../core/models/index.ts'
import { checkModelFolder } from '../../tools/parity/model-folder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { copyTo, failedNames, fixtures, nudge, rewriteTensors } from './support.ts'

const temp = tempFolder()

const quantities = [
  ...['logits', 'hidden', 'padded.logits', 'decode.ids', 'decode.logits'],
  ...['lora.logits', 'lora.loss', 'lora.padded_loss', 'lora.grad'],
  ...['lora.train.losses', 'lora.train.final', 'lora.merged_logits'],
]

/** What a computation starts from; everything else in a reference file is a result. */
const given = /^(input_ids|labels|padded\.(input_ids|attention_mask|position_ids|labels)|lora\.train\.lrs)$/

describe('P-41: a model folder', () => {
  it.each([
    ['llama-gqa-tied', 'llama'],
    ['qwen2', 'qwen2'],
    ['llama3-rope', 'llama'],
    ['llama3-rope-sharded', 'llama'],
  ])('agrees with everything recorded in it: %s', async (name, family) => {
    const folder = join(fixtures, 'parity', name)
    const report = await checkModelFolder(folder)
    expect(failedNames(report)).toEqual([])
    expect(report.checks.map((check) => check.name)).toEqual(quantities)
    // Rounding alone stays far below the limits; a real difference of a tenth of a limit would be a defect.
    for (const { name: check, error, limit } of report.checks) expect(error, check).toBeLessThanOrEqual(limit / 10)
    // Nothing recorded is left unread: `account` would have named it here.
    expect(report).toMatchObject({ folder, family, passed: 12, failed: 0, skipped: [] })
  })

  it.each(['llama-gqa-tied', 'qwen2', 'llama3-rope'])(
    'is described the same by the older configuration: %s',
    (name) => {
      const folder = join(fixtures, 'parity', name)
      const older = configOfHuggingFace(readModelJson(join(folder, 'config-v4'), 'config.json'))
      expect(older).toEqual(configOfHuggingFace(readModelJson(folder, 'config.json')))
    },
  )

  it('fails every check whose recorded values are changed in one place', async () => {
    const folder = copyTo(join(temp.path, 'records'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'reference.safetensors'), (name, items) => {
      if (!given.test(name)) nudge(items)
    })
    const report = await checkModelFolder(folder)
    expect(failedNames(report)).toEqual(quantities)
  })

  it('fails the decoded ids alone when one of them is swapped', async () => {
    const folder = copyTo(join(temp.path, 'swapped'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'reference.safetensors'), (name, items) => {
      if (name === 'decode.ids') nudge(items)
    })
    const report = await checkModelFolder(folder)
    expect(report.checks.filter((check) => !check.ok)).toEqual([{ name: 'decode.ids', error: 1, limit: 0, ok: false }])
  })

  it('fails when one weight of the model is off', async () => {
    const folder = copyTo(join(temp.path, 'weights'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'model.safetensors'), (name, items) => {
      if (name === 'model.layers.1.mlp.up_proj.weight') nudge(items, 1.05)
    })
    const failed = failedNames(await checkModelFolder(folder))
    for (const name of ['logits', 'hidden', 'padded.logits', 'decode.logits', 'lora.logits', 'lora.grad']) {
      expect(failed).toContain(name)
    }
  })

  it('fails the tuned quantities alone when one value of the adapter is off', async () => {
    const folder = copyTo(join(temp.path, 'adapter'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'adapter/adapter_model.safetensors'), (name, items) => {
      if (name.endsWith('layers.0.self_attn.v_proj.lora_B.weight')) nudge(items, 1.2)
    })
    const failed = failedNames(await checkModelFolder(folder))
    expect(failed).toEqual(
      expect.arrayContaining(['lora.logits', 'lora.grad', 'lora.merged_logits', 'lora.train.final']),
    )
    expect(failed.every((name) => name.startsWith('lora.'))).toBe(true)
  })

  it('names a recorded tensor that no check reads', async () => {
    const folder = copyTo(join(temp.path, 'unknown'), 'parity/llama3-rope')
    rewriteTensors(join(folder, 'reference.safetensors'), () => {}, ['router.0.weights'])
    const report = await checkModelFolder(folder)
    expect(report.skipped.map((each) => each.name)).toEqual(['router.0.weights'])
    expect(report.failed).toBe(0)
  })

  it('takes the records of a sharded folder from the folder beside it, wherever both lie', async () => {
    const folder = copyTo(join(temp.path, 'elsewhere/llama3-rope-sharded'), 'parity/llama3-rope-sharded')
    await expect(checkModelFolder(folder)).rejects.toThrow('format.file_missing')
    copyTo(join(temp.path, 'elsewhere/llama3-rope'), 'parity/llama3-rope')
    expect(await checkModelFolder(folder)).toMatchObject({ passed: 12, failed: 0 })
  })
})
