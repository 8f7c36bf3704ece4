import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { inspectionExit, renderInspection } from '../render/handover.ts'
import type { Session } from '../session.ts'

/** `airlock inspect FILE`: the verdict before loading. */
export function registerInspect(parent: Command, session: Session): void {
  parent
    .command('inspect')
    .description(session.t('command.inspect'))
    .argument('<file>', session.t('argument.file'))
    .action((file: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.inspect({ file: callerPath(file) }, io),
        render: renderInspection,
        exit: inspectionExit,
      }),
    )
}
