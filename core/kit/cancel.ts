import { AppError } from './error.ts'

/** Cooperative cancellation: long work asks between its slices, whoever started it requests. */
export interface CancelToken {
  readonly requested: boolean
  throwIfRequested(): void
}

export interface CancelSource extends CancelToken {
  request(): void
}

/** Makes a token that its owner can request; `throwIfRequested` then throws `job.cancelled`. */
export function cancelSource(): CancelSource {
  let requested = false
  return {
    get requested() {
      return requested
    },
    request() {
      requested = true
    },
    throwIfRequested() {
      if (requested) throw new AppError('job.cancelled')
    },
  }
}

/** A token that is never requested, for short work and tests. */
export const neverCancelled: CancelToken = { requested: false, throwIfRequested() {} }
