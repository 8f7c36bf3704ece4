import type { Command } from 'commander'
import { AppError } from '../../kit/error.ts'
import { callerPath } from '../../kit/path.ts'
import { renderDoctor } from '../render/doctor.ts'
import { renderGeneric } from '../render/generic.ts'
import type { Session } from '../session.ts'
import { integer } from '../usage.ts'
import { seedOf } from './shared.ts'

/** `airlock forecast RECIPE`, `doctor`, `serve`. */
export function registerMachine(parent: Command, session: Session): void {
  parent
    .command('forecast')
    .description(session.t('command.forecast'))
    .argument('<recipe>', session.t('argument.recipe'))
    .action((recipe: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.forecast({ recipe: callerPath(recipe), seed: seedOf(command) }, io),
        render: renderGeneric,
      }),
    )
  parent
    .command('doctor')
    .description(session.t('command.doctor'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.doctor({}, io), render: renderDoctor }),
    )
  parent
    .command('serve')
    .description(session.t('command.serve'))
    .option('--port <port>', session.t('option.port'), integer('--port', 0), 0)
    .option('--open', session.t('option.open'))
    .action((_options: unknown, _command: Command) => {
      throw new AppError('feature.unavailable', { feature: 'airlock serve' })
    })
}
