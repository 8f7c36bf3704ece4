/** The only place that reads the clock; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
  /** Monotonic seconds, for durations. */
  seconds(): number
  /** Calls back every `ms` milliseconds without keeping the process alive; returns the way to stop. */
  every(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  seconds: () => performance.now() / 1000,
  every(ms, callback) {
    const timer = setInterval(callback, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/** ISO 8601 UTC text of an instant in milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
