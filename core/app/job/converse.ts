import { Decoder, sampleToken } from '../../infer/index.ts'
import { AppError, randomStream, systemClock } from '../../kit/index.ts'
import type { StaticSources } from '../../models/index.ts'
import { type ChatMessage, encodeConversation } from '../../text/index.ts'
import { withAdapter } from './adapter.ts'
import { type JobModel, type LoadedModel, loadJobModel } from './model.ts'
import type { JobIo } from './worker.ts'

export interface ConverseInput {
  readonly model: JobModel
  /** Folder of an adapter in PEFT layout. */
  readonly adapter: string | null
  readonly system: string | null
  readonly maxTokens: number
  readonly seed: number
  /** 0: greedy. */
  readonly temperature: number
  readonly threads: number
}

/** What one answer amounted to. */
export interface Answer {
  readonly text: string
  readonly tokens: number
  readonly tokensPerSecond: number
  readonly stopped: 'end' | 'length'
}

/** Answers questions until there are none; each answer is sent piece by piece, then `turn`. The whole conversation stays in context. */
export async function converseJob(input: ConverseInput, io: JobIo): Promise<{ answers: Answer[] }> {
  const model = loadJobModel(input.model, io)
  const base: StaticSources = { config: model.config, weights: model.weights, adapter: null }
  const sources = input.adapter === null ? base : withAdapter(base, input.adapter)
  const messages: ChatMessage[] = input.system === null ? [] : [{ role: 'system', content: input.system }]
  const answers: Answer[] = []
  for (let question = await io.nextQuestion(); question !== null; question = await io.nextQuestion()) {
    messages.push({ role: 'user', content: question })
    const answer = await answerTo(messages, { sources, model, input, turn: answers.length }, io)
    messages.push({ role: 'assistant', content: answer.text })
    answers.push(answer)
    io.send({ type: 'turn' })
  }
  io.cancel.throwIfRequested()
  return { answers }
}

interface Turn {
  readonly sources: StaticSources
  readonly model: LoadedModel
  readonly input: ConverseInput
  readonly turn: number
}

async function answerTo(
  messages: readonly ChatMessage[],
  { sources, model, input, turn }: Turn,
  io: JobIo,
): Promise<Answer> {
  const { tokenizer, template, endOfText } = model.language
  if (template === null) throw new AppError('model.no_chat_template', { task: 'chat' })
  const prompt = encodeConversation(tokenizer, template, messages, { addGenerationPrompt: true }).ids
  const limit = Math.min(prompt.length + input.maxTokens, model.config.maxPositions)
  const decoder = await Decoder.open(sources, { capacity: limit, threads: input.threads })
  const random = randomStream(input.seed, 'sample', turn)
  const ids: number[] = []
  let shown = ''
  const began = systemClock.seconds()
  try {
    let logits = await decoder.append(prompt, io.cancel)
    while (prompt.length + ids.length < limit) {
      const id = sampleToken(logits, { temperature: input.temperature, topP: 0.95 }, random)
      if (id === endOfText || tokenizer.specialTokens.has(tokenizer.tokenOf(id) ?? '')) return finish('end')
      ids.push(id)
      // A character may span tokens: what is shown grows only by text that later tokens cannot change.
      const text = tokenizer.decode(ids)
      if (!text.endsWith('\uFFFD')) {
        io.send({ type: 'text', piece: text.slice(shown.length) })
        shown = text
      }
      logits = await decoder.append([id], io.cancel)
    }
    return finish('length')
  } finally {
    await decoder.close()
  }

  function finish(stopped: Answer['stopped']): Answer {
    const text = tokenizer.decode(ids)
    if (text.length > shown.length) io.send({ type: 'text', piece: text.slice(shown.length) })
    return {
      text,
      tokens: ids.length,
      tokensPerSecond: ids.length / Math.max(1e-9, systemClock.seconds() - began),
      stopped,
    }
  }
}
