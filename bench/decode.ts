import type { Command } from 'commander'
import type { CommonOptions, Session } from '../core/cli/session.ts'
import { integer } from '../core/cli/usage.ts'
import type { AppIo } from '../core/contract/progress.ts'
import { Decoder, sampleToken } from '../core/infer/index.ts'
import { randomStream, systemClock } from '../core/kit/index.ts'
import { type MachineReport, machineReport, peakMemory, threadsOf } from './machine.ts'
import { appOptions, loadBase, modelPath } from './model.ts'
import { renderResult } from './render.ts'
import { EXCLUDED_STEPS, median, sum } from './statistics.ts'
import { textsIn } from './texts.ts'
import { invalidValue } from './usage.ts'

export interface DecodeSettings {
  readonly model: string
  /** Tokens that count; the excluded ones come on top. */
  readonly tokens: number
  readonly threads: number
  readonly seed: number
}

export interface DecodeResult extends MachineReport {
  readonly command: 'decode'
  readonly model: string
  readonly precision: 'fp32'
  readonly tokens: number
  readonly excludedTokens: number
  /** Generation, one token at a time. */
  readonly tokensPerSecond: number
  /** Median. */
  readonly secondsPerToken: number
  readonly promptTokens: number
  /** Reading the prompt, many tokens at a time. */
  readonly promptTokensPerSecond: number
  /** Of this process, which does all the work. */
  readonly peakMemoryBytes: number
}

/** Length of the prompt where the model has room for it. */
const PROMPT_TOKENS = 128

export function registerDecode(parent: Command, session: Session): void {
  const texts = textsIn(session.lang)
  parent
    .command('decode')
    .description(texts.decode)
    .requiredOption('--model <path>', texts.model)
    .option('--tokens <n>', texts.tokens, integer('--tokens', 1), 128)
    .action((options: { model: string; tokens: number }, command: Command) =>
      session.work(command, {
        call: (io) => {
          const { threads, seed } = command.optsWithGlobals<CommonOptions>()
          const model = modelPath(appOptions(session, command), options.model)
          return benchDecode({ model, tokens: options.tokens, threads: threadsOf(threads), seed: seed ?? 42 }, io)
        },
        render: renderResult,
      }),
    )
}

/** Greedy generation after a prompt of random tokens; the end-of-text token does not end it. Errors: `model.*`, `engine.*`. */
export async function benchDecode(settings: DecodeSettings, io: AppIo): Promise<DecodeResult> {
  const base = loadBase(settings.model, io)
  const { vocab, maxPositions } = base.config
  const promptTokens = Math.min(PROMPT_TOKENS, Math.floor(maxPositions / 2))
  const most = maxPositions - promptTokens - EXCLUDED_STEPS
  if (settings.tokens > most) throw invalidValue('--tokens', String(settings.tokens), `integer 1…${most}`)
  const random = randomStream(settings.seed, 'bench-decode')
  const prompt = Array.from({ length: promptTokens }, () => random.int(vocab))
  const total = EXCLUDED_STEPS + settings.tokens
  const sources = { config: base.config, weights: base.weights, adapter: null }
  const decoder = await Decoder.open(sources, { capacity: promptTokens + total, threads: settings.threads })
  const seconds: number[] = []
  let promptSeconds = 0
  try {
    await decoder.append(prompt, io.cancel) // first touch of memory
    decoder.reset()
    let at = systemClock.seconds()
    let logits = await decoder.append(prompt, io.cancel)
    promptSeconds = systemClock.seconds() - at
    for (let i = 0; i < total; i++) {
      at = systemClock.seconds()
      const token = sampleToken(logits, { temperature: 0, topP: 1 }, random)
      logits = await decoder.append([token], io.cancel)
      seconds.push(systemClock.seconds() - at)
      io.progress({ stage: 'generate', done: i + 1, total, unit: 'tokens' })
    }
  } finally {
    await decoder.close()
  }
  const counted = seconds.slice(EXCLUDED_STEPS)
  return {
    command: 'decode',
    model: settings.model,
    precision: 'fp32',
    tokens: counted.length,
    excludedTokens: EXCLUDED_STEPS,
    tokensPerSecond: counted.length / sum(counted),
    secondsPerToken: median(counted),
    promptTokens,
    promptTokensPerSecond: promptTokens / promptSeconds,
    peakMemoryBytes: peakMemory(),
    ...machineReport(settings.threads),
  }
}
