import { join } from 'node:path'
import { peftTensorName } from '../../core/adapters/index.ts'
import { argMax, Decoder, scoreCandidates } from '../../core/infer/index.ts'
import { AppError, diskFiles, neverCancelled, openForReading, sha256Stream } from '../../core/kit/index.ts'
import {
  adapterLayout,
  loadLanguage,
  loadWeights,
  type ModelLanguage,
  modulesOf,
  openModel,
  type StaticSources,
} from '../../core/models/index.ts'
import { type ChatMessage, encodeConversation } from '../../core/text/index.ts'
import { adapterState, planTraining, shareRows, train } from '../../core/train/index.ts'
import { lossAndGradient } from './compute.ts'
import { openReference, type Reference, readJsonFile } from './reference.ts'
import { differences, type ParityReport, Report, relativeError } from './report.ts'

const modelId = 'smollm2-135m-instruct'
const threads = 2
/** What the training step of the product may take here, beside nothing else that is large. */
const memoryBytes = 2.2e9

type RecordedPrompt = {
  readonly rendered: string
  readonly ids: readonly number[]
  readonly top5: readonly number[]
  readonly greedy32: readonly number[]
  readonly greedy_text: string
} & (
  | { readonly kind: 'chat'; readonly input: readonly ChatMessage[] }
  | { readonly kind: 'text'; readonly input: string }
)

interface RecordedRow {
  readonly ids: readonly number[]
  readonly answer_from: number
  readonly answer_tokens: number
  /** With the recorded adapter. */
  readonly loss_sum: number
}

interface Recorded {
  readonly sha256_gguf: string
  readonly prompts: readonly RecordedPrompt[]
  readonly rows: readonly RecordedRow[]
  readonly rows_loss: number
}

/**
 * Recomputes the records of a real model, from the file that `airlock model fetch` obtained; `model.not_registered`
 * when it is not there, `fetch.wrong_digest` when it is another file than the recorded one.
 */
export async function checkRealModel(
  folder: string,
  options: { readonly modelCache: string; readonly note: (line: string) => void },
): Promise<ParityReport> {
  const recorded = readJsonFile<Recorded>(folder, 'reference.json')
  const path = cachedModel(options.modelCache, recorded.sha256_gguf)
  const model = openModel(path)
  const reference = openReference(folder)
  try {
    const report = new Report(folder, model.config.family)
    const language = loadLanguage(model)
    const sources: StaticSources = {
      config: model.config,
      weights: loadWeights(model.config, model.tensors),
      adapter: null,
    }
    checkPromptIds(report, language, recorded.prompts)
    options.note('prompts')
    await checkPrompts(report, { sources, language }, recorded.prompts, reference)
    options.note('rows')
    await checkRows(report, withRecordedAdapter(sources, reference), recorded, reference)
    report.account(reference.unread())
    return report.finish()
  } finally {
    reference.close()
    model.close()
  }
}

/** The cached file, as the application finds it: `<cache>/<id>/*.gguf`. */
function cachedModel(cache: string, sha256: string): string {
  const folder = join(cache, modelId)
  const names = diskFiles.exists(folder) ? diskFiles.list(folder) : []
  const name = names.find((each) => /\.gguf$/i.test(each))
  if (name === undefined) throw new AppError('model.not_registered', { model: modelId, known: [] })
  const path = join(folder, name)
  const found = fileDigest(path)
  if (found !== sha256) throw new AppError('fetch.wrong_digest', { id: modelId, path, expected: sha256, found })
  return path
}

function fileDigest(path: string): string {
  const file = openForReading(path)
  try {
    const hash = sha256Stream()
    for (let at = 0; at < file.size; at += 1 << 20) {
      const chunk = new Uint8Array(Math.min(1 << 20, file.size - at))
      file.readInto(chunk, at)
      hash.update(chunk)
    }
    return hash.hex()
  } finally {
    file.close()
  }
}

/** Prompts through the model's own template and tokenizer: one difference for every other text or id. */
function checkPromptIds(report: Report, language: ModelLanguage, prompts: readonly RecordedPrompt[]): void {
  const wrong = prompts.map((prompt) => {
    const { text, ids } = encodePrompt(language, prompt)
    return (text === prompt.rendered ? 0 : 1) + differences(ids, prompt.ids)
  })
  report.equal(
    'prompt.ids',
    wrong.reduce((a, b) => a + b, 0),
  )
}

function encodePrompt(language: ModelLanguage, prompt: RecordedPrompt): { text: string; ids: readonly number[] } {
  const { tokenizer, template } = language
  if (prompt.kind === 'text') return { text: prompt.input, ids: tokenizer.encode(prompt.input, { specials: 'parse' }) }
  if (template === null) throw new AppError('model.no_chat_template', { task: 'chat' })
  return encodeConversation(tokenizer, template, prompt.input, { addGenerationPrompt: true })
}

/** Logits after each prompt, and the greedy continuation over the key/value cache. */
async function checkPrompts(
  report: Report,
  { sources, language }: { sources: StaticSources; language: ModelLanguage },
  prompts: readonly RecordedPrompt[],
  reference: Reference,
): Promise<void> {
  const capacity = Math.max(...prompts.map((p) => p.ids.length + p.greedy32.length))
  const decoder = await Decoder.open(sources, { capacity, threads })
  let logitsError = 0
  let greedyErrors = 0
  for (const [k, prompt] of prompts.entries()) {
    decoder.reset()
    let logits = await decoder.append(prompt.ids, neverCancelled)
    logitsError = Math.max(logitsError, relativeError(logits, reference.floats(`prompt.${k}.last_logits`)))
    // Another most likely token is wrong however close its logit is: an error as large as the logits themselves.
    if (argMax(logits) !== prompt.top5[0]) logitsError = Math.max(logitsError, 1)
    const ids: number[] = [argMax(logits)]
    while (ids.length < prompt.greedy32.length) {
      logits = await decoder.append(ids.slice(-1), neverCancelled)
      ids.push(argMax(logits))
    }
    greedyErrors += differences(ids, prompt.greedy32)
    if (language.tokenizer.decode(ids) !== prompt.greedy_text) greedyErrors++
  }
  await decoder.close()
  report.add('prompt.logits', logitsError, 1e-3)
  report.equal('prompt.greedy', greedyErrors)
}

/** The base with the recorded adapter: rank from its shapes, alpha twice the rank as recorded in the notes. */
function withRecordedAdapter(sources: StaticSources, reference: Reference): StaticSources {
  const names = reference.names.filter((name) => name.startsWith('adapter.'))
  const targets = [...new Set(names.map((name) => name.split('.').at(-3)!))]
  const rank = reference.shape(names.find((name) => name.includes('lora_A'))!)[0]!
  const layout = adapterLayout(sources.config, { rank, alpha: 2 * rank, dropout: 0, modules: modulesOf(targets) })
  const values = new Float32Array(layout.size)
  for (const { path, factor, offset } of layout.tensors) {
    values.set(reference.floats(`adapter.${peftTensorName(path, factor)}`), offset)
  }
  return { ...sources, adapter: { layout, values } }
}

/**
 * Loss and adapter gradients of the recorded rows in two ways: one row a bin, layer by layer; and one step of the
 * product's own training loop as it plans it, with the common prompt prefix shared and rows packed behind it.
 */
async function checkRows(
  report: Report,
  tuned: StaticSources,
  recorded: Recorded,
  reference: Reference,
): Promise<void> {
  const { rows, rows_loss: expected } = recorded
  const scored = await scoreCandidates(
    tuned,
    rows.map((row) => ({ candidates: [{ ids: row.ids, scoredFrom: row.answer_from }] })),
    { threads, cancel: neverCancelled },
  )
  const sums = scored.map(([tokens]) => -tokens!.reduce((a, b) => a + b, 0))
  const rowErrors = rows.map((row, i) => Math.abs(sums[i]! - row.loss_sum) / row.loss_sum)
  const sequences = rows.map((row) => ({
    ids: row.ids,
    parents: null,
    predicted: Array.from({ length: row.answer_tokens }, (_, i) => row.answer_from + i),
    weight: 1,
  }))
  const plain = await lossAndGradient(tuned, sequences, { topLayers: 1, threads })
  const step = await trainingStep(tuned, rows)
  const lossErrors = [plain.loss, step.loss].map((loss) => Math.abs(loss - expected) / expected)
  report.add('rows.loss', Math.max(...rowErrors, ...lossErrors), 1e-3)
  report.add(
    'rows.grad',
    Math.max(gradientError(tuned, plain.gradient, reference), gradientError(tuned, step.gradient, reference)),
    1e-4,
  )
}

async function trainingStep(
  tuned: StaticSources,
  recorded: readonly RecordedRow[],
): Promise<{ loss: number; gradient: Float32Array }> {
  const { layout, values } = tuned.adapter!
  const state = adapterState(values.slice())
  const rows = shareRows(
    recorded.map((row) => ({
      ids: Uint32Array.from(row.ids),
      answers: [[row.answer_from, row.answer_from + row.answer_tokens] as const],
      weight: 1,
    })),
    'auto',
  )
  const order = { rows: recorded.length, batchSize: recorded.length, epochs: 1, maxSteps: 1, shuffle: false, seed: 0 }
  const plan = planTraining({ config: tuned.config, lora: layout.spec, rows, order, threads, memoryBytes })
  const steps = train({
    sources: { ...tuned, adapter: { layout, values: state.values } },
    plan,
    rows,
    order,
    schedule: { kind: 'constant', learningRate: 1e-4, warmup: 0 },
    weightDecay: 0,
    maxGradNorm: null,
    state,
    firstStep: 0,
    cancel: neverCancelled,
  })
  const { value } = await steps.next()
  const gradient = state.gradient.slice()
  await steps.return(undefined)
  return { loss: value!.loss, gradient }
}

/** Largest 1 − cosine over all tensors. A direction alone would hide a wrong scale, so lengths may differ by a tenth of a per cent at most. */
function gradientError(tuned: StaticSources, gradient: Float32Array, reference: Reference): number {
  let worst = 0
  for (const { path, factor, offset, size } of tuned.adapter!.layout.tensors) {
    const expected = reference.floats(`grad.${peftTensorName(path, factor)}`)
    if (expected.length !== size) return Number.POSITIVE_INFINITY
    let [product, own, other] = [0, 0, 0]
    for (let i = 0; i < size; i++) {
      const [a, b] = [gradient[offset + i]!, expected[i]!]
      product += a * b
      own += a * a
      other += b * b
    }
    const cosine = product / Math.sqrt(own * other)
    worst = Math.max(worst, 1 - cosine, Math.abs(1 - Math.sqrt(own / other)) / 10)
  }
  return worst
}
