import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderForecast } from '../render/machine.ts'
import type { Session } from '../session.ts'
import { seedOf } from './shared.ts'

/** `airlock forecast RECIPE`: time, memory and disk before starting. */
export function registerForecast(parent: Command, session: Session): void {
  parent
    .command('forecast')
    .description(session.t('command.forecast'))
    .argument('<recipe>', session.t('argument.recipe'))
    .option('--first-batch', session.t('option.firstBatch'))
    .action((recipe: string, options: { firstBatch?: boolean }, command: Command) =>
      session.act(command, {
        call: (app, io) =>
          app.forecast(
            { recipe: callerPath(recipe), seed: seedOf(command), firstBatch: options.firstBatch === true },
            io,
          ),
        render: renderForecast,
      }),
    )
}
