import type { FromJob, ToJob } from './job/messages.ts'

/** One running job process. */
export interface JobProcess {
  send(message: ToJob): void
  /** Calls back for every message in order. */
  onMessage(listener: (message: FromJob) => void): void
  /** Settles when the process is gone, with the exit code or the signal that ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** Ends the process at once. */
  kill(): void
  /** Resident bytes now, pages shared with this process counted once; null where the platform cannot tell from outside. */
  memory(): number | null
}

/** The one way to start a process: under Node a fork, under Electron a utility process. */
export interface ProcessPort {
  start(): JobProcess
  /** Resident bytes of this process now. */
  ownMemory(): number
}
