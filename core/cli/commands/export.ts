import type { Command } from 'commander'
import { EXPORT_FORMATS, type ExportFormat, unavailableFormat } from '../../contract/recipe/index.ts'
import { AppError } from '../../kit/error.ts'
import { callerPath } from '../../kit/path.ts'
import { renderExport } from '../render/handover.ts'
import type { Session } from '../session.ts'
import { list } from '../usage.ts'

/** `airlock export RUN --to DIR [--format LIST]`. */
export function registerExport(parent: Command, session: Session): void {
  parent
    .command('export')
    .description(session.t('command.export'))
    .argument('<run>', session.t('argument.run'))
    .requiredOption('--to <folder>', session.t('option.to'))
    .option('--format <list>', session.t('option.format'), list('--format', EXPORT_FORMATS))
    .action((run: string, options: { to: string; format?: ExportFormat[] }, command: Command) => {
      const formats = options.format ?? ['peft', 'bundle']
      const missing = unavailableFormat(formats)
      if (missing !== null) throw new AppError('feature.unavailable', { feature: `--format ${missing}` })
      const input = { run, to: callerPath(options.to), formats }
      return session.act(command, { call: (app, io) => app.exportRun(input, io), render: renderExport })
    })
}
