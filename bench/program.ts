import { CommanderError } from 'commander'
import type { CliHost } from '../core/cli/host.ts'
import { chooseLanguage } from '../core/cli/language.ts'
import { Session } from '../core/cli/session.ts'
import { AirlockCommand, integer, word } from '../core/cli/usage.ts'
import { AppError, isAppError } from '../core/kit/index.ts'
import packageFile from '../package.json' with { type: 'json' }
import { registerDecode } from './decode.ts'
import { registerImport } from './import.ts'
import { registerRows } from './rows.ts'
import { registerScore } from './score.ts'
import { textsIn } from './texts.ts'
import { registerTrain } from './train.ts'

/**
 * One measurement from its arguments (those after the program's name) to its exit code. Output, errors and exit codes
 * have the shape of the product's own command line.
 */
export async function runBench(argv: readonly string[], host: CliHost): Promise<number> {
  const lang = chooseLanguage(argv, host.surroundings.env, host.systemLocale)
  const session = new Session(host, { lang, json: argv.includes('--json'), version: packageFile.version })
  try {
    const program = buildProgram(session)
    if (argv.length === 0) host.stdout.write(program.helpInformation())
    else await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    // Help ends by an exception of the library, with its text already written.
    if (!(error instanceof CommanderError && error.exitCode === 0)) session.fail(ofBench(error))
  }
  return session.exitCode
}

/** The product's parsers of option values name its own command; the hint must send the reader to this one. */
function ofBench(error: unknown): unknown {
  return isAppError(error, 'usage.invalid_value')
    ? new AppError(error.code, { ...error.data, command: 'bench' })
    : error
}

function buildProgram(session: Session): AirlockCommand {
  const { t, host } = session
  const program = new AirlockCommand('bench')
  program.exitOverride()
  program.configureOutput({
    writeOut: (text) => host.stdout.write(text),
    writeErr: (text) => host.stderr.write(text),
    getOutHelpWidth: () => host.stdout.columns ?? 100,
    getErrHelpWidth: () => host.stderr.columns ?? 100,
  })
  program.configureHelp({ showGlobalOptions: true })
  program.description(textsIn(session.lang).program)
  program.helpOption('-h, --help', t('help.help'))
  program.helpCommand(false)
  program
    .option('--workspace <folder>', t('option.workspace'))
    .option('--json', t('option.json'))
    .option('--quiet', t('option.quiet'))
    .option('--lang <lang>', t('option.lang'), word('--lang', ['zh', 'en']))
    .option('--seed <n>', t('option.seed'), integer('--seed', 0))
    .option('--threads <n>', t('option.threads'), integer('--threads', 1))
  for (const register of [registerTrain, registerRows, registerDecode, registerScore, registerImport]) {
    register(program, session)
  }
  for (const child of program.commands) child.helpOption('-h, --help', t('help.help'))
  return program
}
