import { type CallArguments, fail, present, type Value } from './values.ts'

/** Reads the arguments of a built-in by position or name, as Python binds them. */
export class Bound {
  readonly #values = new Map<string, Value>()

  constructor(what: string, names: readonly string[], args: CallArguments) {
    if (args.positional.length > names.length) throw fail(`${what} takes at most ${names.length} argument(s)`)
    args.positional.forEach((value, i) => {
      this.#values.set(names[i] as string, value)
    })
    for (const [name, value] of args.named) {
      if (!names.includes(name)) throw fail(`${what} has no argument "${name}"`)
      if (this.#values.has(name)) throw fail(`${what} got argument "${name}" twice`)
      this.#values.set(name, value)
    }
  }

  get(name: string): Value | undefined {
    return this.#values.get(name)
  }

  or(name: string, otherwise: Value): Value {
    return present(this.#values.get(name), otherwise)
  }

  text(name: string, otherwise?: string): string {
    const value = this.#values.get(name) ?? otherwise
    if (typeof value !== 'string') throw fail(`argument "${name}" must be a text`)
    return value
  }

  textOrNone(name: string): string | null {
    const value = this.#values.get(name) ?? null
    if (value !== null && typeof value !== 'string') throw fail(`argument "${name}" must be a text`)
    return value
  }

  integer(name: string, otherwise: number): number {
    const value = this.#values.get(name)
    if (value === undefined) return otherwise
    if (typeof value === 'number') return value
    if (typeof value === 'boolean') return value ? 1 : 0
    throw fail(`argument "${name}" must be an integer`)
  }
}
