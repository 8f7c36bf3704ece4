import type { Command } from 'commander'
import { renderDoctor } from '../render/machine.ts'
import type { Session } from '../session.ts'

/** `airlock doctor`: what this machine can do, and whether the engine is right on it. */
export function registerDoctor(parent: Command, session: Session): void {
  parent
    .command('doctor')
    .description(session.t('command.doctor'))
    .action((_options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.doctor({}, io),
        render: renderDoctor,
        exit: (report) => (report.ok ? 0 : 5),
      }),
    )
}
