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
    .action((recipe: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.forecast({ recipe: callerPath(recipe), seed: seedOf(command) }, io),
        render: renderForecast,
      }),
    )
}
