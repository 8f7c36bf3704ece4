import { type Lang, message } from '../contract/messages/index.ts'
import type { ProgressEvent, Stage } from '../contract/progress.ts'
import type { Clock } from '../kit/clock.ts'
import { byteSize, clip, displayWidth, duration, figure } from './text.ts'

/** Where progress goes: standard error of the process, or a capture in tests. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface ProgressView {
  event(event: ProgressEvent): void
  /** A whole line that stays, above the bar. */
  note(line: string): void
  /** Leaves the terminal at the start of a fresh line. */
  end(): void
}

/** Seconds between two lines where nobody can redraw, and between two redraws where one can. */
const LINE_EVERY = 5
const REDRAW_EVERY = 0.1
const BAR = 20

interface Running {
  stage: Stage
  startedAt: number
  startedDone: number
  shownAt: number
  shownDone: number
}

/** Seconds left in a stage: what the job says, else from the average pace since the stage began. */
function secondsLeft(event: ProgressEvent, running: Running, now: number): number | undefined {
  if (event.secondsLeft !== undefined) return event.secondsLeft
  const advanced = event.done - running.startedDone
  const elapsed = now - running.startedAt
  if (event.total === null || advanced <= 0 || elapsed < 1 || event.done >= event.total) return undefined
  return ((event.total - event.done) / advanced) * elapsed
}

function amount(event: ProgressEvent): string {
  const show = event.unit === 'bytes' ? byteSize : (value: number) => figure(value, 0)
  return event.total === null ? show(event.done) : `${show(event.done)}/${show(event.total)}`
}

/** One line of progress, without the bar. */
export function progressLine(lang: Lang, event: ProgressEvent, left: number | undefined, bar: boolean): string {
  const parts = [message(lang, `stage.${event.stage}`), amount(event)]
  if (event.total !== null && event.total > 0) {
    const share = Math.min(1, Math.max(0, event.done / event.total))
    parts.push(`${Math.floor(share * 100)}%`)
    if (bar) parts.push('█'.repeat(Math.floor(share * BAR)) + '░'.repeat(BAR - Math.floor(share * BAR)))
  }
  if (event.rowsPerSecond !== undefined) {
    parts.push(message(lang, 'progress.rowsPerSecond', { value: figure(event.rowsPerSecond) }))
  }
  if (event.tokensPerSecond !== undefined) {
    parts.push(message(lang, 'progress.tokensPerSecond', { value: figure(event.tokensPerSecond, 0) }))
  }
  if (event.loss !== undefined) parts.push(message(lang, 'progress.loss', { value: event.loss.toFixed(3) }))
  if (left !== undefined) parts.push(message(lang, 'progress.left', { value: duration(lang, left) }))
  return parts.join('  ')
}

/**
 * Shows long work: a bar that is redrawn where standard error is a terminal, a line every few seconds where it is
 * not, nothing when `quiet`. Every stage leaves its last state behind as a line.
 */
export function createProgress(options: {
  stream: TextStream
  lang: Lang
  clock: Clock
  quiet: boolean
}): ProgressView {
  const { stream, lang, clock, quiet } = options
  const terminal = stream.isTTY === true
  let running: Running | undefined
  let shown = '' // the bar that stands on the current line of the terminal

  const wipe = (): void => {
    if (shown !== '') stream.write(`\r${' '.repeat(displayWidth(shown))}\r`)
    shown = ''
  }
  const draw = (line: string): void => {
    // One column stays free: some terminals wrap when the last one is written.
    const next = clip(line, Math.max(20, (stream.columns ?? 80) - 1))
    const rest = Math.max(0, displayWidth(shown) - displayWidth(next))
    stream.write(`\r${next}${' '.repeat(rest)}`)
    shown = next
  }
  const finish = (): void => {
    if (shown !== '') stream.write('\n')
    shown = ''
  }

  return {
    event(event) {
      if (quiet) return
      const now = clock.seconds()
      if (running?.stage !== event.stage) {
        finish()
        running = {
          stage: event.stage,
          startedAt: now,
          startedDone: event.done,
          shownAt: Number.NEGATIVE_INFINITY,
          shownDone: -1,
        }
      }
      const last = event.total !== null && event.done >= event.total
      const due = now - running.shownAt >= (terminal ? REDRAW_EVERY : LINE_EVERY)
      if (!due && !(last && running.shownDone !== event.done)) return
      Object.assign(running, { shownAt: now, shownDone: event.done })
      const line = progressLine(lang, event, secondsLeft(event, running, now), terminal)
      if (terminal) draw(line)
      else stream.write(`${line}\n`)
    },
    note(line) {
      if (quiet) return
      const bar = shown
      wipe()
      stream.write(`${line}\n`)
      if (bar !== '') draw(bar)
    },
    end: finish,
  }
}
