import type { AppIo } from '../../contract/progress.ts'
import { AppError } from '../../kit/index.ts'
import type { AppContext } from '../context.ts'
import type { FromJob, JobKind } from '../job/messages.ts'

/** How often the memory of the process tree is looked at. */
const sampleMs = 500

export interface JobRequest {
  readonly kind: JobKind
  readonly input: unknown
  /** Everything but progress, log, result and error. */
  readonly onMessage?: (message: FromJob) => void
  /** Questions of a conversation; each answer is awaited (a `turn` message) before the next one is asked. */
  readonly questions?: AsyncIterable<string>
}

export interface JobOutcome<T> {
  readonly value: T
  /** Peak of the summed resident memory of this process and the job's, shared pages once. */
  readonly peakMemoryBytes: number
}

/**
 * Runs one job in a process of its own and waits for its result. A cancel request is passed on once; a process that
 * dies without an answer is `job.process_died`.
 */
export async function executeJob<T>(context: AppContext, request: JobRequest, io: AppIo): Promise<JobOutcome<T>> {
  const process = context.processes.start()
  const outcome = Promise.withResolvers<T>()
  let turn: (() => void) | null = null
  let reported = 0
  const take = (message: FromJob): void => {
    if (message.type === 'progress') io.progress(message.event)
    else if (message.type === 'log') io.log(message.entry)
    else if (message.type === 'result') outcome.resolve(message.value as T)
    else if (message.type === 'error') outcome.reject(errorOf(message))
    else {
      if (message.type === 'step') reported = Math.max(reported, message.residentBytes)
      request.onMessage?.(message)
      if (message.type === 'turn') turn?.()
    }
  }
  process.onMessage((message) => {
    try {
      take(message)
    } catch (error) {
      // What cannot be recorded (a full disk) ends the job; thrown from a listener it would end this process.
      outcome.reject(error)
    }
  })
  void process.exited.then(({ code, signal }) =>
    outcome.reject(new AppError('job.process_died', { code: code ?? '', signal: signal ?? '' })),
  )

  let peak = 0
  const watch = context.clock.every(sampleMs, () => {
    peak = Math.max(peak, context.processes.ownMemory() + (process.memory() ?? reported))
  })
  const cancelled = context.clock.every(50, () => {
    if (!io.cancel.requested) return
    cancelled()
    process.send({ type: 'cancel' })
  })
  try {
    process.send({ type: 'start', kind: request.kind, input: request.input })
    if (request.questions !== undefined)
      ask(request.questions, process.send, () => new Promise<void>((done) => (turn = done))).catch(outcome.reject)
    const value = await outcome.promise
    return { value, peakMemoryBytes: peak }
  } finally {
    watch()
    cancelled()
    process.kill()
    await process.exited
  }
}

async function ask(
  questions: AsyncIterable<string>,
  send: (m: { type: 'question'; text: string | null }) => void,
  answered: () => Promise<void>,
): Promise<void> {
  for await (const text of questions) {
    const done = answered()
    send({ type: 'question', text })
    await done
  }
  send({ type: 'question', text: null })
}

function errorOf(message: Extract<FromJob, { type: 'error' }>): AppError {
  return new AppError(message.code, message.data, { cause: new Error(message.detail) })
}
