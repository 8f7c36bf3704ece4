import { describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../contract/progress.ts'
import { capture } from './cli.testing.ts'
import { createProgress } from './progress.ts'
import { displayWidth } from './text.ts'

function view(terminal: boolean, quiet = false) {
  const stream = capture(terminal)
  let now = 0
  const clock = { now: () => 0, seconds: () => now, every: () => () => {} }
  const progress = createProgress({ stream, lang: 'en', clock, quiet })
  const step = (done: number, at: number, more: Partial<ProgressEvent> = {}): void => {
    now = at
    progress.event({ stage: 'tune', done, total: 100, unit: 'steps', ...more })
  }
  return { stream, progress, step }
}

/** What a terminal shows at the end: a return goes back to the first column and overwrites. */
function screen(text: string): string[] {
  return text.split('\n').map((line) => {
    let shown = ''
    for (const part of line.split('\r')) shown = part + shown.slice(part.length)
    return shown.trimEnd()
  })
}

describe('progress', () => {
  it('writes a line every few seconds where nobody can redraw, and the last one at once', () => {
    const { stream, step } = view(false)
    for (let i = 0; i <= 100; i++) step(i, i * 0.2)
    const lines = stream.text.trim().split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toBe('Tuning  0/100  0%')
    expect(lines[1]).toBe('Tuning  25/100  25%  15 s left')
    expect(lines.at(-1)).toBe('Tuning  100/100  100%')
    expect(stream.text).not.toMatch(/[\r█]/)
  })

  it('redraws one line in a terminal, at most ten times a second', () => {
    const { stream, step, progress } = view(true)
    for (let i = 0; i <= 100; i++) step(i, i * 0.02, { rowsPerSecond: 5.55, tokensPerSecond: 1234.5, loss: 0.4 })
    progress.end()
    const draws = stream.text.split('\r').length - 1
    expect(draws).toBeGreaterThan(15)
    expect(draws).toBeLessThan(30)
    expect(screen(stream.text)).toEqual([
      'Tuning  100/100  100%  ████████████████████  5.6 rows/s  1,235 tokens/s  loss 0.400',
      '',
    ])
  })

  it('keeps the last line of each stage and puts notes above the bar', () => {
    const { stream, step, progress } = view(true)
    step(100, 1)
    progress.note('A note')
    step(1, 2, { stage: 'report', total: null, unit: 'rows' })
    progress.end()
    expect(screen(stream.text)).toEqual([
      'A note',
      'Tuning  100/100  100%  ████████████████████',
      'Writing the report  1',
      '',
    ])
  })

  it('never writes the last column, also with wide characters', () => {
    const stream = { ...capture(true), columns: 40 }
    let text = ''
    stream.write = (part: string) => {
      text += part
      return true
    }
    const clock = { now: () => 0, seconds: () => 0, every: () => () => {} }
    const progress = createProgress({ stream, lang: 'zh', clock, quiet: false })
    progress.event({ stage: 'evaluateTuned', done: 5e6, total: 9e9, unit: 'rows', rowsPerSecond: 123456, loss: 1 })
    expect(displayWidth(text.replace('\r', ''))).toBeLessThanOrEqual(39)
    expect(text).toContain('…')
  })

  it('prefers the time left that the job knows, and is silent when quiet', () => {
    const { stream, step } = view(false)
    step(10, 0, { secondsLeft: 3700 })
    expect(stream.text).toContain('1 h 1 min left')
    const quiet = view(false, true)
    quiet.step(1, 1)
    quiet.progress.note('x')
    expect(quiet.stream.text).toBe('')
  })
})
