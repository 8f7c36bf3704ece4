import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FromJob, ToJob } from '../../core/app/index.ts'
import { serveJob } from '../../core/app/index.ts'
import { describeError } from '../../core/contract/errors/describe.ts'
import { AppError } from '../../core/kit/index.ts'
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
