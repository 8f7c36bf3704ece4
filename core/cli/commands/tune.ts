import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderRun } from '../render/run.ts'
import type { Session } from '../session.ts'
import { seedOf } from './shared.ts'

/** `airlock tune RECIPE`: tuning alone. */
export function registerTune(parent: Command, session: Session): void {
  parent
    .command('tune')
    .description(session.t('command.tune'))
    .argument('<recipe>', session.t('argument.recipe'))
    .action((recipe: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.tune({ recipe: callerPath(recipe), seed: seedOf(command) }, io),
        render: renderRun,
      }),
    )
}
