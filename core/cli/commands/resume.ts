import type { Command } from 'commander'
import { renderRun } from '../render/run.ts'
import type { Session } from '../session.ts'

/** `airlock resume RUN`: finishes what was interrupted and prints what `run` would have printed. */
export function registerResume(parent: Command, session: Session): void {
  parent
    .command('resume')
    .description(session.t('command.resume'))
    .argument('<run>', session.t('argument.run'))
    .action((run: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.resume({ run }, io), render: renderRun }),
    )
}
