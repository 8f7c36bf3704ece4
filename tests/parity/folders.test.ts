import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGguf } from '../../core/formats/gguf/index.ts'
import { encodeSafetensors } from '../../core/formats/safetensors/index.ts'
import { checkChatTemplates } from '../../tools/parity/chat-templates.ts'
import { listGaps } from '../../tools/parity/gaps.ts'
import { checkGgufFolder } from '../../tools/parity/gguf.ts'
import type { ParityReport } from '../../tools/parity/report.ts'
import { checkTokenizers } from '../../tools/parity/tokenizers.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { copyTo, failedNames, fixtures, notAdmitted, nudge, rewriteJson, rewriteTensors } from './support.ts'

const temp = tempFolder()
const names = (report: ParityReport): string[] => report.checks.map((check) => check.name)
const skippedNames = (report: ParityReport): string[] => report.skipped.map((each) => each.name)

describe('a gguf folder', () => {
  const readTypes = ['Q4_0', 'Q4_1', 'Q4_K', 'Q5_0', 'Q5_1', 'Q5_K', 'Q6_K', 'Q8_0']

  it('agrees in every type that is read and in the logits of every file', async () => {
    const report = await checkGgufFolder(join(fixtures, 'parity/gguf'))
    expect(failedNames(report)).toEqual([])
    expect(names(report)).toEqual([
      ...['BF16', 'F32', 'Q4_0', 'Q4_1', 'Q8_0'].map((type) => `logits.llama-gqa-tied.${type}.gguf`),
      'logits.llama3-rope.F32.gguf',
      ...['F16', 'Q5_0', 'Q5_1'].map((type) => `logits.qwen2.${type}.gguf`),
      ...['BF16', 'F16', ...readTypes].map((type) => `dequantise.${type}`),
    ])
    expect(report.family).toBe('gguf')
    expect(skippedNames(report).filter((name) => readTypes.includes(name.replace('dequantise.', '')))).toEqual([])
    expect(skippedNames(report).filter((name) => !/^(de)?quantise\./.test(name))).toEqual([])
    expect(notAdmitted(skippedNames(report))).toEqual([])
  })

  it('fails when one block of a file or one recorded value is off', async () => {
    const folder = copyTo(join(temp.path, 'files/gguf'), 'parity/gguf')
    copyTo(join(temp.path, 'files/llama-gqa-tied'), 'parity/llama-gqa-tied')
    copyTo(join(temp.path, 'files/qwen2'), 'parity/qwen2')
    copyTo(join(temp.path, 'files/llama3-rope'), 'parity/llama3-rope')
    changeBlock(join(folder, 'llama-gqa-tied.Q4_1.gguf'), 'blk.0.attn_q.weight')
    rewriteTensors(join(folder, 'reference.safetensors'), (name, items) => {
      if (name === 'qwen2.F16.logits' || name === 'qwen2.Q5_0.blk.0.ffn_down.weight') nudge(items)
    })
    expect(failedNames(await checkGgufFolder(folder))).toEqual([
      'logits.llama-gqa-tied.Q4_1.gguf',
      'logits.qwen2.F16.gguf',
      'dequantise.Q4_1',
      'dequantise.Q5_0',
    ])
  })

  it('fails when q and k rows are taken in the order of another architecture', async () => {
    // The recorded row order of the model itself is what catches it, and the logits do so again.
    const folder = copyTo(join(temp.path, 'rows/gguf'), 'parity/gguf')
    for (const name of ['llama-gqa-tied', 'qwen2', 'llama3-rope'])
      copyTo(join(temp.path, 'rows', name), `parity/${name}`)
    rewriteTensors(join(folder, 'reference.safetensors'), (name, items) => {
      if (name === 'llama-gqa-tied.Q8_0.hf.model.layers.0.self_attn.q_proj.weight') items.reverse()
    })
    expect(failedNames(await checkGgufFolder(folder))).toEqual(['dequantise.Q8_0'])
  })
})

/** Turns over the quants of one block of a tensor. */
function changeBlock(path: string, tensor: string): void {
  const source = openGguf(path)
  const stored = source.readBytes(tensor)
  source.close()
  const file = readFileSync(path)
  const at = file.indexOf(stored)
  expect(at).toBeGreaterThan(0)
  for (let i = 4; i < 20; i++) file[at + i]! ^= 0xff
  writeFileSync(path, file)
}

describe('a tokenizers folder', () => {
  it('agrees for every tokenizer, from tokenizer.json and from GGUF', () => {
    const report = checkTokenizers(join(fixtures, 'tokenizers'))
    expect(failedNames(report)).toEqual([])
    const all = ['bpe-bytelevel', 'bpe-llama3', 'bpe-qwen2', 'bpe-spm-llama2', 'unigram-metaspace', 'wordpiece-bert-zh']
    const twins = ['bpe-llama3.gguf', 'bpe-qwen2.gguf', 'bpe-spm-llama2.gguf']
    expect(names(report).sort()).toEqual(
      [...all, ...twins].flatMap((name) => [`decoded.${name}`, `ids.${name}`]).sort(),
    )
    expect(skippedNames(report)).toEqual(['ids.bpe-llama3.gguf.special'])
    expect(notAdmitted(skippedNames(report))).toEqual([])
  })

  it('counts every id, text and pair that is off', () => {
    const folder = copyTo(join(temp.path, 'tokenizers'), 'tokenizers')
    type Cases = {
      cases: { ids: number[]; ids_special: number[]; decoded_skip: string }[]
      pairs: { type_ids: number[] }[]
    }
    rewriteJson<Cases>(join(folder, 'bpe-qwen2/cases.json'), ({ cases, pairs }) => {
      const [long, other, third] = cases.filter((one) => one.ids.length > 3) as [Cases['cases'][0], ...Cases['cases']]
      long.ids_special.reverse()
      other!.ids_special.pop()
      third!.decoded_skip += ' '
      pairs[0]!.type_ids[0] = 1
    })
    const found = checkTokenizers(folder).checks.filter((check) => !check.ok)
    expect(found.map(({ name, error }) => [name, error])).toEqual([
      ['ids.bpe-qwen2', 3],
      ['decoded.bpe-qwen2', 1],
      ['ids.bpe-qwen2.gguf', 3],
      ['decoded.bpe-qwen2.gguf', 1],
    ])
  })

  it('skips by name what the product refuses by name', () => {
    const folder = copyTo(join(temp.path, 'refused'), 'tokenizers')
    rewriteJson<{ model: { type: string } }>(join(folder, 'unigram-metaspace/tokenizer.json'), ({ model }) => {
      model.type = 'WordLevel'
    })
    const report = checkTokenizers(folder)
    expect(report.failed).toBe(0)
    expect(skippedNames(report)).toEqual(expect.arrayContaining(['ids.unigram-metaspace', 'decoded.unigram-metaspace']))
    expect(report.skipped.find((each) => each.name === 'ids.unigram-metaspace')?.why).toContain('WordLevel')
  })
})

describe('a chat-templates folder', () => {
  const templates = [
    'chatml-default-system',
    'chatml-generation',
    'features',
    'inst-alternating',
    'llama3-headers',
    'think-strip',
  ]

  it('agrees in texts, ids, refusals, spans and masks', () => {
    const report = checkChatTemplates(join(fixtures, 'chat-templates'))
    expect(failedNames(report)).toEqual([])
    expect(names(report)).toEqual(templates.flatMap((name) => [`rendered.${name}`, `spans.${name}`]))
    expect(report.skipped).toEqual([])
  })

  it('counts every conversation that is off', () => {
    const folder = copyTo(join(temp.path, 'chats/chat-templates'), 'chat-templates')
    copyTo(join(temp.path, 'chats/tokenizers'), 'tokenizers')
    type File = { conversations: Record<string, never>[] }
    const change = (name: string, edit: (conversations: File['conversations']) => void): void =>
      rewriteJson<File>(join(folder, `${name}.json`), (file) => edit(file.conversations))
    change('inst-alternating', (all) => Object.assign(all[9]!, { error: 'another refusal' }))
    change('llama3-headers', (all) => {
      Object.assign(all[0]!, { rendered_with_generation_prompt: 'other' })
      ;(all[1]!.ids as number[]).reverse()
      Object.assign(all[2]!, { error: 'no refusal at all' })
    })
    change('think-strip', (all) =>
      Object.assign(all[2]!, { assistant_spans_by_prefix: [], assistant_spans_by_prefix_utf16: [] }),
    )
    change('chatml-generation', (all) => {
      const mask = all[2]!.assistant_tokens_mask as number[]
      mask[mask.indexOf(1)] = 0
      ;(all[3]!.assistant_spans as number[][])[0]![1]! += 1
    })
    change('features', (all) => Object.assign(all[4]!, { assistant_words: 1 }))
    const report = checkChatTemplates(folder)
    expect(report.checks.filter((check) => !check.ok).map(({ name, error }) => [name, error])).toEqual([
      ['spans.chatml-generation', 2],
      ['rendered.inst-alternating', 1],
      ['rendered.llama3-headers', 3],
      ['spans.think-strip', 1],
    ])
    expect(skippedNames(report)).toEqual(['features.assistant_words'])
  })
})

describe('a folder of quantities that are not built', () => {
  const extra = (folder: string, tensors: string[], facts: object = {}): string => {
    copyTo(join(temp.path, folder.replace(/-(extra|experts)$/, '')), 'parity/qwen2')
    const path = join(temp.path, folder)
    copyTo(path, 'parity/qwen2/config-v4')
    const data = new Float32Array(1)
    writeFileSync(
      join(path, 'reference.safetensors'),
      encodeSafetensors(tensors.map((name) => ({ name, dtype: 'F32', shape: [1], data }))),
    )
    writeFileSync(join(path, 'reference.json'), JSON.stringify(facts))
    return path
  }

  it('names each of them and passes nothing', () => {
    const full = ['full.losses', 'full.grad_norms', 'full.final_logits']
    const tensors = [
      ...full,
      ...['full.grad_step1.model.norm.weight', 'full.final.model.layers.0.self_attn.q_proj.weight'],
      ...['prompt.logits', 'prompt.loss', 'prompt.grad.prompt_embeddings'],
      ...['dpo.chosen_ids', 'dpo.chosen_completion_mask', 'dpo.policy_chosen_logps', 'dpo.loss'],
      'dpo.grad.base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight',
      ...[
        'grpo.ids',
        'grpo.attention_mask',
        'grpo.rewards',
        'grpo.old_logps',
        'grpo.kl_tokens',
        'grpo.loss_token_mean',
      ],
      'mystery.value',
    ]
    const report = listGaps(extra('qwen2-extra', tensors, { full_training: { checksums: {} } }))
    expect(report).toMatchObject({ family: 'qwen2', checks: [], passed: 0, failed: 0 })
    expect(skippedNames(report).sort()).toEqual(
      [
        ...[...full, 'full.grad_step1', 'full.final', 'full.checksums'],
        ...['prompt.logits', 'prompt.loss', 'prompt.grad'],
        ...['dpo.policy_chosen_logps', 'dpo.loss', 'dpo.grad', 'grpo.kl_tokens', 'grpo.loss_token_mean'],
        'mystery.value',
      ].sort(),
    )
    expect(notAdmitted(skippedNames(report))).toEqual(['mystery.value'])
  })

  it('refuses a family that is not supported, whatever it recorded', () => {
    const path = extra('mixtral-experts', ['lora_experts.loss'])
    rewriteJson<{ model_type: string }>(join(temp.path, 'mixtral/config.json'), (config) => {
      config.model_type = 'mixtral'
    })
    expect(() => listGaps(path)).toThrow('model.unsupported')
  })
})
