import type { Command } from 'commander'
import { renderRunDetails } from '../render/runs.ts'
import type { Session } from '../session.ts'

/** `airlock show RUN`: one run with its state and, once finished, its result. */
export function registerShow(parent: Command, session: Session): void {
  parent
    .command('show')
    .description(session.t('command.show'))
    .argument('<run>', session.t('argument.run'))
    .action((run: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.showRun({ run }, io), render: renderRunDetails }),
    )
}
