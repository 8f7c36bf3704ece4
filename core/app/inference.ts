import { assertBaseFits } from '../adapters/index.ts'
import type { AirlockApp, GenerateInput, Generation } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { AppError, machineFacts } from '../kit/index.ts'
import type { AppContext } from './context.ts'
import { findAdapter } from './import-adapter.ts'
import type { Answer, ConverseInput } from './job/converse.ts'
import type { JobModel } from './job/model.ts'
import { checkModel, findModel } from './models.ts'
import { executeJob } from './runs/execute.ts'

/** A model by id, folder or .gguf file, checked against its registration. */
export function jobModel(context: AppContext, reference: string, io: AppIo): JobModel {
  const looksLikePath = /[\\/]|\.gguf$/i.test(reference)
  const chosen = findModel(context, looksLikePath ? { path: reference } : { id: reference })
  const { fingerprint } = checkModel(chosen, io)
  return { id: chosen.id, path: chosen.path, fingerprint }
}

/** An adapter that fits this model: its PEFT folder. A different base is refused, another precision is said. */
export async function jobAdapter(context: AppContext, reference: string, model: JobModel, io: AppIo): Promise<string> {
  const found = await findAdapter(context, reference, io)
  if (found.fingerprint !== null) {
    const verdict = assertBaseFits({ name: found.name, fingerprint: found.fingerprint }, model)
    if (verdict === 'same-other-precision')
      io.log({ level: 'warn', key: 'note.otherPrecision', data: { adapter: found.name } })
  }
  return found.folder
}

async function converse(
  context: AppContext,
  input: GenerateInput & { seed: number; questions: AsyncIterable<string>; onText(piece: string): void; onEnd(): void },
  io: AppIo,
): Promise<Answer[]> {
  const model = jobModel(context, input.model, io)
  const request: ConverseInput = {
    model,
    adapter: input.adapter === null ? null : await jobAdapter(context, input.adapter, model, io),
    system: input.system,
    maxTokens: input.maxTokens,
    seed: input.seed,
    temperature: 0,
    threads: context.options.threads ?? machineFacts().cores,
  }
  const { value } = await executeJob<{ answers: Answer[] }>(
    context,
    {
      kind: 'converse',
      input: request,
      questions: input.questions,
      onMessage(message) {
        if (message.type === 'text') input.onText(message.piece)
        if (message.type === 'turn') input.onEnd()
      },
    },
    io,
  )
  return value.answers
}

export async function generate(
  context: AppContext,
  input: Parameters<AirlockApp['generate']>[0],
  io: AppIo,
): Promise<Generation> {
  const questions = (async function* () {
    yield input.prompt
  })()
  const [answer] = await converse(context, { ...input, questions, onEnd() {} }, io)
  if (answer === undefined) throw new AppError('internal.invariant', { message: 'no answer' })
  return answer
}

export async function chat(
  context: AppContext,
  input: Parameters<AirlockApp['chat']>[0],
  io: AppIo,
): Promise<{ turns: number }> {
  const answers = await converse(context, input, io)
  return { turns: answers.length }
}
