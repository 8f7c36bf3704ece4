import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderEvaluation } from '../render/run.ts'
import type { Session } from '../session.ts'
import { needOne, pathOrId } from './shared.ts'

interface Options {
  run?: string
  adapter?: string
  data?: string
  recipe?: string
}

/** `airlock evaluate --run RUN | --adapter DIR [--data FILE] [--recipe RECIPE]`: base beside tuned. */
export function registerEvaluate(parent: Command, session: Session): void {
  parent
    .command('evaluate')
    .description(session.t('command.evaluate'))
    .option('--run <run>', session.t('option.run'))
    .option('--adapter <folder>', session.t('option.adapter'))
    .option('--data <file>', session.t('option.data'))
    .option('--recipe <file>', session.t('option.recipe'))
    .action((options: Options, command: Command) => {
      needOne(command, ['--run', options.run], ['--adapter', options.adapter])
      const path = (text: string | undefined): string | null => (text === undefined ? null : callerPath(text))
      const adapter = options.adapter === undefined ? null : pathOrId(options.adapter)
      const input = { run: options.run ?? null, adapter, data: path(options.data), recipe: path(options.recipe) }
      return session.act(command, { call: (app, io) => app.evaluate(input, io), render: renderEvaluation })
    })
}
