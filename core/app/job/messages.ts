import type { LogEntry, ProgressEvent } from '../../contract/progress.ts'
import type { StepReport } from '../../train/index.ts'

/** Kinds of work that run in a process of their own. */
export type JobKind = 'tune' | 'evaluate' | 'converse' | 'selfTest'

/** To the job process. */
export type ToJob =
  | { readonly type: 'start'; readonly kind: JobKind; readonly input: unknown }
  | { readonly type: 'cancel' }
  /** The next question of a conversation; null ends it. */
  | { readonly type: 'question'; readonly text: string | null }

/** One step as the trainer reports it, with its wall time. */
export type TimedStep = StepReport & { readonly seconds: number }

/** From the job process; `result` or `error` comes last. */
export type FromJob =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'log'; readonly entry: LogEntry }
  | { readonly type: 'planned'; readonly plan: Record<string, unknown>; readonly planHash: string }
  /** `residentBytes`: of the job process itself, for platforms on which nobody else can tell. */
  | { readonly type: 'step'; readonly step: TimedStep; readonly residentBytes: number }
  | { readonly type: 'text'; readonly piece: string }
  | { readonly type: 'turn' }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly code: string; readonly data: Record<string, unknown>; readonly detail: string }
