import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderRun } from '../render/run.ts'
import type { Session } from '../session.ts'
import { seedOf } from './shared.ts'

/** `airlock run RECIPE`: the whole job. */
export function registerRun(parent: Command, session: Session): void {
  parent
    .command('run')
    .description(session.t('command.run'))
    .argument('<recipe>', session.t('argument.recipe'))
    .action((recipe: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.run({ recipe: callerPath(recipe), seed: seedOf(command) }, io),
        render: renderRun,
      }),
    )
}
