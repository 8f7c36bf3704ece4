import { CommanderError, type Help, type Option } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import type { MessageKey } from '../contract/messages/index.ts'
import { registerChat } from './commands/chat.ts'
import { registerData } from './commands/data.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerEvaluate } from './commands/evaluate.ts'
import { registerExport } from './commands/export.ts'
import { registerForecast } from './commands/forecast.ts'
import { registerGenerate } from './commands/generate.ts'
import { registerImport } from './commands/import.ts'
import { registerInspect } from './commands/inspect.ts'
import { registerKeys } from './commands/keys.ts'
import { registerModel } from './commands/model.ts'
import { registerResume } from './commands/resume.ts'
import { registerRun } from './commands/run.ts'
import { registerRuns } from './commands/runs.ts'
import { registerServe } from './commands/serve.ts'
import { registerShow } from './commands/show.ts'
import { registerTune } from './commands/tune.ts'
import type { CliHost } from './host.ts'
import { chooseLanguage } from './language.ts'
import { Session } from './session.ts'
import { displayWidth } from './text.ts'
import { AirlockCommand, integer, missingCommand, word } from './usage.ts'

/** In the order in which a newcomer needs them. */
const COMMANDS = [
  registerRun,
  registerModel,
  registerData,
  registerTune,
  registerResume,
  registerRuns,
  registerShow,
  registerEvaluate,
  registerGenerate,
  registerChat,
  registerKeys,
  registerExport,
  registerInspect,
  registerImport,
  registerForecast,
  registerDoctor,
  registerServe,
]

/**
 * One call of the command line.
 * @param argv arguments after the program's name
 * @returns the exit code (see interface.md)
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const lang = chooseLanguage(argv, host.surroundings.env, host.systemLocale)
  const session = new Session(host, { lang, json: isJson(argv), version: packageFile.version })
  try {
    const program = buildProgram(session)
    if (argv.length === 0) host.stdout.write(program.helpInformation())
    else await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    // Help and version end by an exception of the library, with their text already written.
    if (!(error instanceof CommanderError && error.exitCode === 0)) session.fail(error)
  }
  return session.exitCode
}

function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/** Builds the whole command tree in the language of the call. */
export function buildProgram(session: Session): AirlockCommand {
  const { t, host } = session
  const program = new AirlockCommand('airlock')
  program.exitOverride()
  program.configureOutput({
    writeOut: (text) => host.stdout.write(text),
    writeErr: (text) => host.stderr.write(text),
    getOutHelpWidth: () => host.stdout.columns ?? 100,
    getErrHelpWidth: () => host.stderr.columns ?? 100,
  })
  program.configureHelp(helpIn(session))
  program.description(t('app.description'))
  program.version(session.version, '--version', t('help.version'))
  program.helpOption('-h, --help', t('help.help'))
  program
    .option('--workspace <folder>', t('option.workspace'))
    .option('--json', t('option.json'))
    .option('--quiet', t('option.quiet'))
    .option('--lang <lang>', t('option.lang'), word('--lang', ['zh', 'en']))
    .option('--seed <n>', t('option.seed'), integer('--seed', 0))
    .option('--threads <n>', t('option.threads'), integer('--threads', 1))
    .option('--passphrase-file <file>', t('option.passphraseFile'))
  for (const register of COMMANDS) register(program, session)
  finish(program, session)
  return program
}

/** What every command of the tree has in common and the library does not inherit. */
function finish(command: AirlockCommand, session: Session): void {
  for (const child of command.commands as AirlockCommand[]) {
    child.helpOption('-h, --help', session.t('help.help'))
    finish(child, session)
  }
  if (command.commands.length === 0) return
  command.helpCommand(false)
  // A group alone is an error that scripts notice, not a page of help with exit code 1.
  if (command.parent !== null) {
    command.action(() => {
      throw missingCommand(command)
    })
  }
}

const TITLES: Readonly<Record<string, MessageKey>> = {
  'Usage:': 'help.usage',
  'Arguments:': 'help.arguments',
  'Options:': 'help.options',
  'Global Options:': 'help.globalOptions',
  'Commands:': 'help.commands',
}

function helpIn(session: Session): Partial<Help> {
  return {
    showGlobalOptions: true,
    displayWidth,
    styleTitle: (title) => (TITLES[title] === undefined ? title : session.t(TITLES[title])),
    optionDescription: (option: Option) =>
      option.defaultValue === undefined
        ? option.description
        : `${option.description} (${session.t('help.default')}: ${String(option.defaultValue)})`,
  }
}
