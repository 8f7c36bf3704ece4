/** The only place that reads the clock; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
  /** Monotonic seconds, for durations. */
  seconds(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  seconds: () => performance.now() / 1000,
}

/** ISO 8601 UTC text of an instant in milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
