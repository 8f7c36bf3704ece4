import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderInspection } from '../render/handover.ts'
import type { Session } from '../session.ts'

/** `airlock import FILE`: registers a colleague's adapter after its verdict. */
export function registerImport(parent: Command, session: Session): void {
  parent
    .command('import')
    .description(session.t('command.import'))
    .argument('<file>', session.t('argument.file'))
    .action((file: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.importAdapter({ file: callerPath(file) }, io),
        render: renderInspection,
      }),
    )
}
