import type { CancelToken } from '../kit/cancel.ts'
import type { Lang, MessageKey } from './messages/index.ts'

/** What long work is doing; each stage has a name in both languages (`stage.<name>`). */
export const STAGES = [
  'fetch',
  'import',
  'check',
  'balance',
  'split',
  'load',
  'verify',
  'forecast',
  'tune',
  'checkpoint',
  'evaluateBase',
  'evaluateTuned',
  'export',
  'report',
  'generate',
  'selfTest',
] as const
export type Stage = (typeof STAGES)[number]

/** One sign of life. `done` of `total` in `unit`; `total` null while it is not known. */
export interface ProgressEvent {
  stage: Stage
  done: number
  total: number | null
  unit: 'steps' | 'rows' | 'bytes' | 'tokens' | 'files'
  rowsPerSecond?: number
  tokensPerSecond?: number
  loss?: number
  /** Estimated seconds to the end of the stage; without it the command line estimates from its own clock. */
  secondsLeft?: number
}

/** A note for the person, as a key of the message catalogue, so that it appears in the chosen language. */
export interface LogEntry {
  level: 'info' | 'warn'
  key: MessageKey
  data?: Readonly<Record<string, unknown>>
}

/** What every use case gets beside its input. */
export interface AppIo {
  cancel: CancelToken
  progress(event: ProgressEvent): void
  lang: Lang
  log(entry: LogEntry): void
}
