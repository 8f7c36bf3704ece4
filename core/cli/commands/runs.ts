import type { Command } from 'commander'
import { renderRunDetails, renderRuns } from '../render/runs.ts'
import type { Session } from '../session.ts'

/** `airlock runs` and `airlock show RUN`. */
export function registerRuns(parent: Command, session: Session): void {
  parent
    .command('runs')
    .description(session.t('command.runs'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.runs({}, io), render: renderRuns }),
    )
  parent
    .command('show')
    .description(session.t('command.show'))
    .argument('<run>', session.t('argument.run'))
    .action((run: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.showRun({ run }, io), render: renderRunDetails }),
    )
}
