import type { Command } from 'commander'
import { callerPath } from '../../kit/path.ts'
import { renderKey, renderKeys } from '../render/keys.ts'
import type { Session } from '../session.ts'

/** `airlock keys create | show | export | trust | revoke | list`: signing identity and trust store. */
export function registerKeys(parent: Command, session: Session): void {
  const group = parent.command('keys').description(session.t('command.keys'))
  group
    .command('create')
    .description(session.t('command.keys.create'))
    .requiredOption('--name <name>', session.t('option.name'))
    .action((options: { name: string }, command: Command) =>
      session.act(command, { call: (app, io) => app.keysCreate({ name: options.name }, io), render: renderKey }),
    )
  group
    .command('show')
    .description(session.t('command.keys.show'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.keysShow({}, io), render: renderKey }),
    )
  group
    .command('export')
    .description(session.t('command.keys.export'))
    .option('--to <file>', session.t('option.to'))
    .action((options: { to?: string }, command: Command) => {
      const to = options.to === undefined ? null : callerPath(options.to)
      return session.act(command, { call: (app, io) => app.keysExport({ to }, io), render: renderKey })
    })
  group
    .command('trust')
    .description(session.t('command.keys.trust'))
    .argument('<file>', session.t('argument.file'))
    .action((file: string, _options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.keysTrust({ file: callerPath(file) }, io), render: renderKey }),
    )
  group
    .command('revoke')
    .description(session.t('command.keys.revoke'))
    .argument('<id>', session.t('argument.id'))
    .option('--reason <text>', session.t('option.reason'))
    .action((id: string, options: { reason?: string }, command: Command) =>
      session.act(command, {
        call: (app, io) => app.keysRevoke({ id, reason: options.reason ?? null }, io),
        render: renderKey,
      }),
    )
  group
    .command('list')
    .description(session.t('command.keys.list'))
    .action((_options: unknown, command: Command) =>
      session.act(command, { call: (app, io) => app.keysList({}, io), render: renderKeys }),
    )
}
