import type { Command } from 'commander'
import { renderRuns } from '../render/runs.ts'
import type { Session } from '../session.ts'

/** `airlock runs`: every run of the workspace. */
export function registerRuns(parent: Command, session: Session): void {
  parent
    .command('runs')
    .description(session.t('command.runs'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.runs({}, io), render: renderRuns }),
    )
}
