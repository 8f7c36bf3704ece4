import { describeError } from '../../contract/errors/describe.ts'
import type { LogEntry, ProgressEvent } from '../../contract/progress.ts'
import { AppError, type CancelSource, type CancelToken, cancelSource, unreachable } from '../../kit/index.ts'
import { converseJob } from './converse.ts'
import { evaluateJob } from './evaluate.ts'
import type { FromJob, JobKind, ToJob } from './messages.ts'
import { selfTestJob } from './self-test.ts'
import { tuneJob } from './tune.ts'

/** What a job gets beside its input. */
export interface JobIo {
  readonly cancel: CancelToken
  send(message: FromJob): void
  progress(event: ProgressEvent): void
  log(entry: LogEntry): void
  /** The next question of a conversation, or null at its end. */
  nextQuestion(): Promise<string | null>
}

/** The channel to whoever started this process. */
export interface JobChannel {
  send(message: FromJob): void
  onMessage(listener: (message: ToJob) => void): void
  /** Called when the other side is gone. */
  onClosed(listener: () => void): void
}

/**
 * Serves one job on a channel and resolves when it is done: waits for `start`, runs the job, answers with `result` or
 * `error`. A lost channel cancels the job, so that a killed parent leaves a checkpoint behind and no process.
 */
export async function serveJob(channel: JobChannel): Promise<void> {
  const cancel = cancelSource()
  const questions = questionQueue()
  const started = Promise.withResolvers<Extract<ToJob, { type: 'start' }> | null>()
  channel.onMessage((message) => {
    if (message.type === 'start') started.resolve(message)
    else if (message.type === 'cancel') endNow(cancel, questions)
    else questions.push(message.text)
  })
  channel.onClosed(() => {
    endNow(cancel, questions)
    started.resolve(null)
  })
  const start = await started.promise
  if (start === null) return
  const io: JobIo = {
    cancel,
    send: (message) => channel.send(message),
    progress: (event) => channel.send({ type: 'progress', event }),
    log: (entry) => channel.send({ type: 'log', entry }),
    nextQuestion: () => questions.next(),
  }
  try {
    channel.send({ type: 'result', value: await dispatch(start.kind, start.input, io) })
  } catch (error) {
    channel.send(describe(error))
  }
}

function endNow(cancel: CancelSource, questions: QuestionQueue): void {
  cancel.request()
  questions.push(null)
}

function dispatch(kind: JobKind, input: unknown, io: JobIo): Promise<unknown> {
  switch (kind) {
    case 'tune':
      return tuneJob(input as Parameters<typeof tuneJob>[0], io)
    case 'evaluate':
      return evaluateJob(input as Parameters<typeof evaluateJob>[0], io)
    case 'converse':
      return converseJob(input as Parameters<typeof converseJob>[0], io)
    case 'selfTest':
      return selfTestJob(input as Parameters<typeof selfTestJob>[0], io)
    default:
      return unreachable(kind)
  }
}

/** Only this process sees the error itself: a full disk must get its name here, or it would arrive as a defect. */
function describe(error: unknown): FromJob {
  const detail = error instanceof Error ? String(error.stack) : String(error)
  if (error instanceof AppError) return { type: 'error', code: error.code, data: { ...error.data }, detail }
  const { code, data } = describeError(error, 'en')
  return { type: 'error', code, data: { ...data }, detail }
}

interface QuestionQueue {
  push(text: string | null): void
  next(): Promise<string | null>
}

function questionQueue(): QuestionQueue {
  const waiting: (string | null)[] = []
  let wake: ((text: string | null) => void) | null = null
  return {
    push(text) {
      if (wake === null) waiting.push(text)
      else wake(text)
      wake = null
    },
    next() {
      if (waiting.length > 0) return Promise.resolve(waiting.shift()!)
      const { promise, resolve } = Promise.withResolvers<string | null>()
      wake = resolve
      return promise
    },
  }
}
