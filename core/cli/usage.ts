import { Command, type ErrorOptions } from 'commander'
import { nearest } from '../contract/recipe/index.ts'
import { AppError } from '../kit/error.ts'

/** A command whose usage errors are ours: named, in both languages, exit code 2. */
export class AirlockCommand extends Command {
  override createCommand(name?: string): AirlockCommand {
    return new AirlockCommand(name)
  }

  override error(text: string, options?: ErrorOptions): never {
    throw usageError(this, text, options?.code ?? 'commander.error')
  }
}

/** `airlock model add` */
export function commandPath(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name())
  return names.join(' ')
}

/** The library's errors carry a code, and the word in question in quotes. */
function usageError(at: Command, text: string, code: string): AppError {
  const command = commandPath(at)
  const word = /'([^']*)'/.exec(text)?.[1] ?? ''
  switch (code) {
    case 'commander.unknownCommand':
      return unknownCommand(at, word)
    case 'commander.unknownOption': {
      const known = [at, ...ancestors(at)].flatMap((each) => each.options.map((option) => option.long ?? ''))
      return new AppError('usage.unknown_option', { command, option: word, nearest: nearest(word, known) ?? '' })
    }
    case 'commander.missingArgument':
      return new AppError('usage.missing_argument', { command, argument: `<${word}>` })
    case 'commander.missingMandatoryOptionValue':
      return new AppError('usage.missing_option', { command, option: word })
    case 'commander.optionMissingArgument':
      return new AppError('usage.missing_value', { command, option: word })
    case 'commander.excessArguments': {
      // A group (`model`) takes no argument: what stands there is a mistyped command.
      if (at.commands.length > 0) return unknownCommand(at, at.args[0] ?? '')
      return new AppError('usage.excess_argument', { command, argument: at.args[at.registeredArguments.length] ?? '' })
    }
    default:
      return new AppError('usage.invalid_value', { command, option: command, value: word, expected: text })
  }
}

function ancestors(command: Command): Command[] {
  return command.parent === null ? [] : [command.parent, ...ancestors(command.parent)]
}

function unknownCommand(at: Command, word: string): AppError {
  const known = at.commands.map((each) => each.name())
  const command = at.parent === null ? word : `${at.name()} ${word}`
  return new AppError('usage.unknown_command', { command, nearest: nearest(word, known) ?? '' })
}

/** `airlock model` alone: shown as an error, since scripts must notice. */
export function missingCommand(command: Command): AppError {
  const known = command.commands.map((each) => each.name())
  return new AppError('usage.missing_command', { command: commandPath(command), known })
}

// ── values of options ──

function invalid(option: string, value: string, expected: string): AppError {
  return new AppError('usage.invalid_value', { command: 'airlock', option, value, expected })
}

/** A parser for an integer option of at least `minimum`. */
export function integer(option: string, minimum: number): (value: string) => number {
  return (value) => {
    const parsed = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
    if (!Number.isSafeInteger(parsed) || parsed < minimum) throw invalid(option, value, `integer ≥ ${minimum}`)
    return parsed
  }
}

/** A parser for a number option from `minimum` to `maximum`. */
export function number(option: string, minimum: number, maximum = Number.POSITIVE_INFINITY): (value: string) => number {
  return (value) => {
    const parsed = value.trim() === '' ? Number.NaN : Number(value)
    if (!(parsed >= minimum && parsed <= maximum)) {
      throw invalid(
        option,
        value,
        maximum === Number.POSITIVE_INFINITY ? `number ≥ ${minimum}` : `number ${minimum}…${maximum}`,
      )
    }
    return parsed
  }
}

/** A parser for an option with a few words as values. */
export function word<const T extends string>(option: string, known: readonly T[]): (value: string) => T {
  return (value) => {
    const found = known.find((each) => each === value)
    if (found === undefined) throw invalid(option, value, known.join(' | '))
    return found
  }
}

/** A parser for a list of words separated by commas; without `known`, any words. */
export function list<const T extends string = string>(option: string, known?: readonly T[]): (value: string) => T[] {
  return (value) => {
    const items = value.split(',').map((item) => item.trim())
    const wrong = items.find((item) => item === '' || (known !== undefined && !known.includes(item as T)))
    if (wrong !== undefined || new Set(items).size !== items.length) {
      throw invalid(option, value, known === undefined ? 'a,b,c' : known.join(','))
    }
    return items as T[]
  }
}

/** A parser for `role=column,role=column`. */
export function mapping<const T extends string>(
  option: string,
  roles: readonly T[],
): (value: string) => Partial<Record<T, string>> {
  return (value) => {
    const columns: Partial<Record<T, string>> = {}
    for (const item of value.split(',')) {
      const at = item.indexOf('=')
      const role = roles.find((each) => each === item.slice(0, at).trim())
      const column = item.slice(at + 1).trim()
      if (at < 0 || role === undefined || column === '' || columns[role] !== undefined) {
        throw invalid(option, value, `role=column,… (${roles.join(', ')})`)
      }
      columns[role] = column
    }
    return columns
  }
}
