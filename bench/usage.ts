import { AppError } from '../core/kit/index.ts'

/** A value of an option that cannot be used; exit code 2. `expected` in the words of the recipe's rules. */
export function invalidValue(option: string, value: string, expected: string): AppError {
  return new AppError('usage.invalid_value', { command: 'bench', option, value, expected })
}
