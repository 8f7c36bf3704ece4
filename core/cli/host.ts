import type { CreateApp } from '../contract/app.ts'
import { type Clock, systemClock } from '../kit/clock.ts'
import { type Surroundings, thisMachine } from './folders.ts'
import type { TextStream } from './progress.ts'

/** What the command line needs of the process around it; tests pass captures. */
export interface CliHost {
  stdout: TextStream
  stderr: TextStream
  stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean }
  surroundings: Surroundings
  systemLocale: string | undefined
  clock: Clock
  createApp: CreateApp
  /** Calls `handler` at every Ctrl-C or polite request to end; returns the way to stop listening. */
  onInterrupt(handler: () => void): () => void
  /** Ends the process at once. */
  kill(exitCode: number): void
}

export function processHost(createApp: CreateApp): CliHost {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    // Opened only by a command that reads it: an open standard input keeps some terminals and pipes waiting.
    get stdin() {
      return process.stdin
    },
    surroundings: thisMachine(),
    systemLocale: Intl.DateTimeFormat().resolvedOptions().locale,
    clock: systemClock,
    createApp,
    onInterrupt(handler) {
      const signals = ['SIGINT', 'SIGTERM'] as const
      for (const signal of signals) process.on(signal, handler)
      return () => {
        for (const signal of signals) process.off(signal, handler)
      }
    },
    kill: (exitCode) => process.exit(exitCode),
  }
}
