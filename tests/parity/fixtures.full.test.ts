import { chmodSync, cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { thisMachine, userFolders } from '../../core/cli/folders.ts'
import { callerPath } from '../../core/kit/index.ts'
import { loadLanguage, openModel } from '../../core/models/index.ts'
import { type ChatMessage, encodeConversation } from '../../core/text/index.ts'
import { checkFolder } from '../../tools/parity/folder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { failedNames, notAdmitted, nudge, rewriteJson, rewriteTensors, root } from './support.ts'

const temp = tempFolder()

const shared = resolve(root, '../shared/fixtures')
const modelCache = callerPath(userFolders(thisMachine()).modelCache)
const cached = join(modelCache, 'smollm2-135m-instruct')
const options = { modelCache, note: () => {} }

const holds = (path: string): boolean => existsSync(path)
const hasModel = holds(cached) && readdirSync(cached).some((name) => name.endsWith('.gguf'))
for (const [there, what] of [
  [holds(shared), `the whole set of fixtures (${shared})`],
  [
    hasModel,
    `SmolLM2-135M-Instruct; obtain it with: npm run -s airlock -- model fetch smollm2-135m-instruct (${cached})`,
  ],
] as const) {
  if (!there) process.stderr.write(`\n*** NOT CHECKED against ${what}: it is not here. ***\n\n`)
}

const families = ['llama-gqa-tied', 'qwen2', 'llama3-rope', 'llama3-rope-sharded']
const others = ['gguf', 'tokenizers', 'chat-templates', 'llama-gqa-tied-extra', 'qwen2-extra']

describe.skipIf(!holds(shared))('the whole set of fixtures', () => {
  it.each([...families, ...others])('passes, and skips only what docs/support.md names: %s', async (name) => {
    const report = await checkFolder(join(shared, name), options)
    expect(failedNames(report)).toEqual([])
    expect(notAdmitted(report.skipped.map((each) => each.name))).toEqual([])
    expect(report.passed + report.skipped.length).toBeGreaterThan(0)
  })

  const refused = existsSync(shared)
    ? readdirSync(shared, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .filter((name) => ![...families, ...others, 'smollm2'].includes(name))
    : []
  it.each(refused)('or is of a family that is refused by name: %s', async (name) => {
    await expect(checkFolder(join(shared, name), options)).rejects.toThrow('model.unsupported')
  })
})

describe.skipIf(!holds(shared) || !hasModel)('SmolLM2-135M-Instruct', () => {
  const folder = join(shared, 'smollm2')

  it('agrees in ids, logits, greedy answers, losses and gradients', async () => {
    const report = await checkFolder(folder, options)
    expect(failedNames(report)).toEqual([])
    expect(report.checks.map((check) => check.name)).toEqual([
      'prompt.ids',
      'prompt.logits',
      'prompt.greedy',
      'rows.loss',
      'rows.grad',
    ])
    expect(report.skipped).toEqual([])
  })

  it('fails every check whose recorded values are changed in one place', async () => {
    const changed = join(temp.path, 'smollm2')
    cpSync(folder, changed, { recursive: true })
    for (const name of ['reference.json', 'reference.safetensors']) chmodSync(join(changed, name), 0o600)
    type Facts = { prompts: { rendered: string; greedy32: number[] }[]; rows: { loss_sum: number }[] }
    rewriteJson<Facts>(join(changed, 'reference.json'), ({ prompts, rows }) => {
      prompts[5]!.rendered += ' '
      prompts[3]!.greedy32[31]! += 1
      rows[7]!.loss_sum *= 1.002
    })
    rewriteTensors(join(changed, 'reference.safetensors'), (name, items) => {
      if (name === 'prompt.4.last_logits') nudge(items, 1.002)
      if (name.startsWith('grad.') && name.endsWith('layers.29.self_attn.v_proj.lora_A.weight')) nudge(items, 1.5)
    })
    const report = await checkFolder(changed, options)
    expect(report).toMatchObject({ passed: 0, failed: 5 })
  })

  it('tokenises prompt and answer of the recorded rows to the recorded ids, answer first to last token', () => {
    const model = openModel(join(cached, readdirSync(cached).find((name) => name.endsWith('.gguf'))!))
    const { tokenizer, template } = loadLanguage(model)
    model.close()
    const { rows } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
      rows: { text: string; label: string; ids: number[]; answer_from: number }[]
    }
    for (const { text, label, ids, answer_from } of rows) {
      const messages: ChatMessage[] = [
        { role: 'user', content: `Classify the banking question into one intent.\nQuestion: ${text}` },
        { role: 'assistant', content: label },
      ]
      const encoded = encodeConversation(tokenizer, template!, messages, { addGenerationPrompt: false })
      expect(encoded.assistantSpans).toEqual([{ begin: answer_from, end: ids.length }])
      expect(encoded.ids.slice(0, ids.length)).toEqual(ids)
    }
  })
})
