import type { Command } from 'commander'
import type { BalanceMethod, DataSource, LeakRule } from '../../contract/app.ts'
import { COLUMN_ROLES, type ColumnRole } from '../../contract/recipe/index.ts'
import { AppError } from '../../kit/error.ts'
import { callerPath } from '../../kit/path.ts'
import { renderGeneric } from '../render/generic.ts'
import type { Session } from '../session.ts'
import { commandPath, list, mapping, number, word } from '../usage.ts'
import { seedOrDefault } from './shared.ts'

interface SourceOptions {
  columns?: Partial<Record<ColumnRole, string>>
  labels?: string[]
  dataset?: string
}

const LEAKS = ['remove', 'refuse'] as const
const BALANCE_METHODS = ['downsample', 'upsample', 'weight', 'augment', 'none'] as const

/** `airlock data import | profile | balance | split | export`: one step at a time. */
export function registerData(parent: Command, session: Session): void {
  const group = parent.command('data').description(session.t('command.data'))
  registerImport(group, session)
  registerProfile(group, session)
  registerBalance(group, session)
  registerSplit(group, session)
  group
    .command('export')
    .description(session.t('command.data.export'))
    .argument('<dataset>', session.t('argument.dataset'))
    .requiredOption('--to <file>', session.t('option.to'))
    .action((dataset: string, options: { to: string }, command: Command) =>
      session.act(command, {
        call: (app, io) => app.dataExport({ dataset, to: callerPath(options.to) }, io),
        render: renderGeneric,
      }),
    )
}

function registerImport(group: Command, session: Session): void {
  withMapping(group.command('import'), session)
    .description(session.t('command.data.import'))
    .argument('<file...>', session.t('argument.files'))
    .option('--name <name>', session.t('option.name'))
    .action((files: string[], options: SourceOptions & { name?: string }, command: Command) => {
      const input = { ...source(command, files, options), name: options.name ?? null }
      return session.act(command, { call: (app, io) => app.dataImport(input, io), render: renderGeneric })
    })
}

function registerProfile(group: Command, session: Session): void {
  withSource(group.command('profile'), session)
    .description(session.t('command.data.profile'))
    .action((files: string[], options: SourceOptions, command: Command) => {
      const input = source(command, files, options)
      return session.act(command, { call: (app, io) => app.dataProfile(input, io), render: renderGeneric })
    })
}

function registerBalance(group: Command, session: Session): void {
  type Options = SourceOptions & { maxRatio: number; method: BalanceMethod; to?: string }
  withSource(group.command('balance'), session)
    .description(session.t('command.data.balance'))
    .option('--max-ratio <number>', session.t('option.maxRatio'), number('--max-ratio', 1), 1.5)
    .option('--method <method>', session.t('option.balanceMethod'), word('--method', BALANCE_METHODS), 'downsample')
    .option('--to <file>', session.t('option.to'))
    .action((files: string[], options: Options, command: Command) => {
      const { maxRatio, method, to } = options
      if (method === 'augment') throw new AppError('feature.unavailable', { feature: '--method augment' })
      const settings = { maxRatio, method, seed: seedOrDefault(command), to: target(to) }
      const input = { ...source(command, files, options), ...settings }
      return session.act(command, { call: (app, io) => app.dataBalance(input, io), render: renderGeneric })
    })
}

function registerSplit(group: Command, session: Session): void {
  type Options = SourceOptions & { test: number; validation: number; leaks: LeakRule; to?: string }
  withSource(group.command('split'), session)
    .description(session.t('command.data.split'))
    .option('--test <share>', session.t('option.splitTest'), number('--test', 0, 0.9), 0.2)
    .option('--validation <share>', session.t('option.splitValidation'), number('--validation', 0, 0.5), 0)
    .option('--leaks <what>', session.t('option.leaks'), word('--leaks', LEAKS), 'remove')
    .option('--to <folder>', session.t('option.to'))
    .action((files: string[], options: Options, command: Command) => {
      const { test, validation, leaks, to } = options
      const settings = { test, validation, leaks, seed: seedOrDefault(command), to: target(to) }
      const input = { ...source(command, files, options), ...settings }
      return session.act(command, { call: (app, io) => app.dataSplit(input, io), render: renderGeneric })
    })
}

function withMapping(command: Command, session: Session): Command {
  return command
    .option('--columns <mapping>', session.t('option.columns'), mapping('--columns', COLUMN_ROLES))
    .option('--labels <list>', session.t('option.labels'), list('--labels'))
}

function withSource(command: Command, session: Session): Command {
  return withMapping(command, session)
    .argument('[file...]', session.t('argument.files'))
    .option('--dataset <id>', session.t('option.dataset'))
}

const target = (to: string | undefined): string | null => (to === undefined ? null : callerPath(to))

function source(command: Command, files: readonly string[], options: SourceOptions): DataSource {
  if ((files.length === 0) === (options.dataset === undefined)) {
    throw new AppError('usage.conflict', { command: commandPath(command), first: '<file...>', second: '--dataset' })
  }
  return {
    files: files.map(callerPath),
    dataset: options.dataset ?? null,
    columns: options.columns ?? null,
    labels: options.labels ?? null,
  }
}
