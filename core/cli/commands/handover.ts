import type { Command } from 'commander'
import { EXPORT_FORMATS, type ExportFormat, unavailableFormat } from '../../contract/recipe/index.ts'
import { AppError } from '../../kit/error.ts'
import { callerPath } from '../../kit/path.ts'
import { renderExport, renderInspection } from '../render/handover.ts'
import type { Session } from '../session.ts'
import { list } from '../usage.ts'

/** `airlock export RUN`, `inspect FILE`, `import FILE`: hand-over. */
export function registerHandover(parent: Command, session: Session): void {
  parent
    .command('export')
    .description(session.t('command.export'))
    .argument('<run>', session.t('argument.run'))
    .requiredOption('--to <folder>', session.t('option.to'))
    .option('--format <list>', session.t('option.format'), list('--format', EXPORT_FORMATS))
    .action((run: string, options: { to: string; format?: ExportFormat[] }, command: Command) =>
      session.act(command, {
        call: async (app, io) => {
          const formats = options.format ?? ['peft', 'bundle']
          const missing = unavailableFormat(formats)
          if (missing !== null) throw new AppError('feature.unavailable', { feature: `--format ${missing}` })
          return app.exportRun({ run, to: callerPath(options.to), formats }, io)
        },
        render: renderExport,
      }),
    )
  parent
    .command('inspect')
    .description(session.t('command.inspect'))
    .argument('<file>', session.t('argument.file'))
    .action((file: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.inspect({ file: callerPath(file) }, io), render: renderInspection }),
    )
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
