import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderModel, renderModels, renderVerification } from '../render/model.ts'
import type { Session } from '../session.ts'
import { registerModelFetch } from './model-fetch.ts'

/** `airlock model add | list | show | verify | fetch`. */
export function registerModel(parent: Command, session: Session): void {
  const group = parent.command('model').description(session.t('command.model'))
  group
    .command('add')
    .description(session.t('command.model.add'))
    .argument('<path>', session.t('argument.modelPath'))
    .option('--name <id>', session.t('option.name'))
    .action((path: string, options: { name?: string }, command: Command) =>
      session.act(command, {
        call: (app, io) => app.modelAdd({ path: callerPath(path), name: options.name ?? null }, io),
        render: renderModel,
      }),
    )
  group
    .command('list')
    .description(session.t('command.model.list'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.modelList({}, io), render: renderModels }),
    )
  group
    .command('show')
    .description(session.t('command.model.show'))
    .argument('<id>', session.t('argument.id'))
    .action((id: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.modelShow({ id }, io), render: renderModel }),
    )
  group
    .command('verify')
    .description(session.t('command.model.verify'))
    .argument('<id>', session.t('argument.id'))
    .action((id: string, _options: unknown, command: Command) =>
      session.act(command, {
        call: (app, io) => app.modelVerify({ id }, io),
        render: renderVerification,
        exit: ({ ok }) => (ok ? 0 : 3),
      }),
    )
  registerModelFetch(group, session)
}
