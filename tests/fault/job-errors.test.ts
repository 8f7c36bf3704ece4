import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appContext } from '../../core/app/context.ts'
import { type FromJob, type JobProcess, type ProcessPort, serveJob, type ToJob } from '../../core/app/index.ts'
import { executeJob } from '../../core/app/runs/execute.ts'
import { describeError } from '../../core/contract/errors/describe.ts'
import type { AppIo } from '../../core/contract/progress.ts'
import { AppError, neverCancelled } from '../../core/kit/index.ts'
import { tempFolder } from '../support/temp-folder.ts'

const temp = tempFolder()

/** Serves one job over a channel in memory and returns everything it said. */
async function serve(start: Extract<ToJob, { type: 'start' }>): Promise<FromJob[]> {
  const said: FromJob[] = []
  await serveJob({
    send: (message) => void said.push(message),
    onMessage: (listener) => void queueMicrotask(() => listener(start)),
    onClosed: () => {},
  })
  return said
}

describe('errors of a job process', () => {
  it('an error of the operating system keeps its name on the way to the person', async () => {
    const folder = join(temp.path, 'job')
    mkdirSync(join(folder, 'rows.jsonl'), { recursive: true })
    writeFileSync(join(folder, 'job.json'), '{}')
    const [error] = await serve({ type: 'start', kind: 'tune', input: { folder } })
    expect(error).toMatchObject({ type: 'error', code: 'file.wrong_kind' })
  })

  it('a defect arrives with its kind, and the log that the parent writes is named in the hint', async () => {
    const [error] = await serve({ type: 'start', kind: 'evaluate', input: null })
    expect(error).toMatchObject({ type: 'error', code: 'internal.unexpected', data: { kind: 'TypeError' } })
    const { code, data } = error as Extract<FromJob, { type: 'error' }>
    const shown = describeError(new AppError(code, data), 'en', { log: '/logs/airlock.log' })
    expect(shown.message).toContain('TypeError')
    expect(shown.hint).toContain('/logs/airlock.log')
  })

  it('a named error keeps code and facts', async () => {
    const [error] = await serve({ type: 'start', kind: 'tune', input: { folder: join(temp.path, 'none') } })
    expect(error).toMatchObject({
      type: 'error',
      code: 'run.folder_missing',
      data: { folder: join(temp.path, 'none') },
    })
  })
})

/** A job process in memory that says what it is told to. */
function fakeProcess(says: readonly FromJob[]): ProcessPort & { killed: number } {
  const port = {
    killed: 0,
    ownMemory: () => 0,
    start(): JobProcess {
      const exit = Promise.withResolvers<{ code: number | null; signal: string | null }>()
      const listeners: ((message: FromJob) => void)[] = []
      return {
        exited: exit.promise,
        memory: () => 0,
        onMessage: (listener) => void listeners.push(listener),
        send: () =>
          setImmediate(() => void says.forEach((message) => void listeners.forEach((tell) => void tell(message)))),
        kill() {
          port.killed++
          exit.resolve({ code: null, signal: 'SIGKILL' })
        },
      }
    },
  }
  return port
}

describe('a parent that cannot take a message of its job', () => {
  it('fails with that error instead of crashing, and ends the job', async () => {
    const options = {
      workspace: temp.path,
      modelCache: temp.path,
      logs: temp.path,
      threads: 1,
      passphrase: null,
      version: '0',
    }
    const processes = fakeProcess([{ type: 'turn' }, { type: 'result', value: 1 }])
    const io: AppIo = { cancel: neverCancelled, lang: 'en', progress: () => {}, log: () => {} }
    const request = {
      kind: 'tune' as const,
      input: {},
      onMessage: () => {
        throw new AppError('store.disk_full', { neededBytes: 1, folder: '/w' })
      },
    }
    await expect(executeJob(appContext(options, processes), request, io)).rejects.toMatchObject({
      code: 'store.disk_full',
    })
    expect(processes.killed).toBe(1)
  })
})
