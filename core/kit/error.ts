/**
 * The one error type of the product. `code` is stable and dotted (`format.safetensors.overlap`); the texts in both
 * languages, the hint and the exit code live in the catalogue (`core/contract/errors`), never here.
 * `data` holds the facts (names, sizes, line numbers), never content of the user's rows.
 */
export class AppError extends Error {
  readonly code: string
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: string, data: Record<string, unknown> = {}, options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(data, (_k, v) => (typeof v === 'bigint' ? String(v) : v))}`, options)
    this.name = 'AppError'
    this.code = code
    this.data = data
  }
}

/** True when `error` is an AppError, optionally with exactly this code. */
export function isAppError(error: unknown, code?: string): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}

/** Stops at a defect of ours (never at bad input): the message is for developers. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AppError('internal.invariant', { message })
}

/** Exhaustiveness guard for switches over closed unions. */
export function unreachable(value: never): never {
  throw new AppError('internal.invariant', { message: `unexpected value ${JSON.stringify(value)}` })
}
