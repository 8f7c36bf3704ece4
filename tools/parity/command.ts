import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCrashLog } from '../../core/cli/crash.ts'
import { type Surroundings, userFolders } from '../../core/cli/folders.ts'
import { chooseLanguage } from '../../core/cli/language.ts'
import { describeError, isDefect } from '../../core/contract/errors/describe.ts'
import { AppError, callerPath, systemClock } from '../../core/kit/index.ts'
import { checkFolder } from './folder.ts'
import { printReport } from './print.ts'

const usage = `Usage: npm run -s parity -- FOLDER [--json] [--lang zh|en]

Recomputes everything that a fixture folder recorded and compares.
FOLDER: a model folder, or a folder gguf, tokenizers, chat-templates or smollm2.
Exit code: 0 nothing failed, 1 a check failed, 2 wrong usage, 3 bad input or unsupported model.`

/** What the command needs of the process around it. */
export interface ParityHost {
  readonly surroundings: Surroundings
  readonly systemLocale: string | undefined
  stdout(text: string): void
  stderr(text: string): void
}

/** Runs `parity` with these arguments and returns its exit code. */
export async function runParity(argv: readonly string[], host: ParityHost): Promise<number> {
  const json = argv.includes('--json')
  const folders = userFolders(host.surroundings)
  try {
    const { folder, help } = readArguments(argv)
    if (help) {
      host.stdout(`${usage}\n`)
      return 0
    }
    const note = (line: string): void => host.stderr(`parity: ${line}\n`)
    const report = await checkFolder(folder, { modelCache: callerPath(folders.modelCache), note })
    host.stdout(`${json ? JSON.stringify(report) : printReport(report)}\n`)
    return report.failed === 0 ? 0 : 1
  } catch (error) {
    const lang = chooseLanguage(argv, host.surroundings.env, host.systemLocale)
    const facts = { version: 'parity', clock: systemClock }
    const log = isDefect(error) ? writeCrashLog(error, callerPath(folders.logs), facts) : undefined
    const { exit, ...shown } = describeError(error, lang, log === undefined ? {} : { log })
    if (json) host.stdout(`${JSON.stringify({ error: shown })}\n`)
    else host.stderr(`[${shown.code}] ${shown.message}\n${shown.hint}\n`)
    return exit
  }
}

function readArguments(argv: readonly string[]): { folder: string; help: boolean } {
  const options = {
    json: { type: 'boolean' },
    lang: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(options, token.name))
  if (unknown?.kind === 'option')
    throw new AppError('usage.unknown_option', { command: 'parity', option: unknown.rawName, nearest: '--json' })
  const [folder, more] = positionals
  if (values.help === true) return { folder: '', help: true }
  if (folder === undefined) throw new AppError('usage.missing_argument', { command: 'parity', argument: 'FOLDER' })
  if (more !== undefined) throw new AppError('usage.excess_argument', { command: 'parity', argument: more })
  return { folder: resolve(callerPath(folder)), help: false }
}
