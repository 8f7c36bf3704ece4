import type { Command } from 'commander'
import { AppError } from '../../kit/error.ts'
import type { Session } from '../session.ts'
import { integer } from '../usage.ts'

/** `airlock serve`: the app in a browser; part of the surface, not built yet. */
export function registerServe(parent: Command, session: Session): void {
  parent
    .command('serve')
    .description(session.t('command.serve'))
    .option('--port <port>', session.t('option.port'), integer('--port', 0), 0)
    .option('--open', session.t('option.open'))
    .action(() => {
      throw new AppError('feature.unavailable', { feature: 'airlock serve' })
    })
}
