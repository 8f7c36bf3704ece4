import type { AirlockApp, AppOptions } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import type { RunResult } from '../contract/result.ts'
import type { Clock } from '../kit/clock.ts'
import { AppError } from '../kit/error.ts'
import type { CliHost } from './host.ts'
import { runCli } from './program.ts'

/** A stream that keeps what was written. */
export function capture(terminal = false) {
  const stream = {
    text: '',
    isTTY: terminal,
    columns: 100,
    write(text: string) {
      stream.text += text
      return true
    },
  }
  return stream
}

export interface Call {
  name: string
  input: unknown
}

type Fake = { [Name in keyof AirlockApp]?: (input: never, io: AppIo) => Promise<unknown> }

export interface Outcome {
  code: number
  stdout: string
  stderr: string
  calls: Call[]
  options: AppOptions[]
  closed: number
  killed: number[]
}

export interface Setting {
  app?: Fake
  env?: Record<string, string>
  terminal?: boolean
  input?: (string | Uint8Array)[]
  clock?: Clock
  /** Gets the way to press Ctrl-C. */
  onReady?: (press: () => void) => void
  createApp?: CliHost['createApp']
}

/** Runs one command line in this process around a fake application that records its calls. */
export async function cli(line: string | string[], setting: Setting = {}): Promise<Outcome> {
  const [stdout, stderr] = [capture(), capture(setting.terminal)]
  const outcome: Outcome = { code: 0, stdout: '', stderr: '', calls: [], options: [], closed: 0, killed: [] }
  const handlers = new Set<() => void>()
  const host: CliHost = {
    stdout,
    stderr,
    stdin: (async function* () {
      yield* setting.input ?? []
    })(),
    surroundings: { env: { AIRLOCK_HOME: '/home/of/airlock', ...setting.env }, platform: 'linux', home: '/home/u' },
    systemLocale: undefined,
    clock: setting.clock ?? { now: () => 0, seconds: () => 0, every: () => () => {} },
    createApp: setting.createApp ?? fakeApp(outcome, setting.app ?? {}),
    onInterrupt(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    kill: (code) => void outcome.killed.push(code),
  }
  setting.onReady?.(() => {
    for (const handler of handlers) handler()
  })
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line
  outcome.code = await runCli(argv, host)
  if (handlers.size > 0) throw new Error('an interrupt handler was left behind')
  return { ...outcome, stdout: stdout.text, stderr: stderr.text }
}

function fakeApp(outcome: Outcome, fake: Fake): CliHost['createApp'] {
  return (options) => {
    outcome.options.push(options)
    return new Proxy({} as AirlockApp, {
      get: (_target, name: keyof AirlockApp) => async (input: never, io: AppIo) => {
        if (name === 'close') {
          outcome.closed++
          return
        }
        outcome.calls.push({ name, input })
        const procedure = fake[name]
        if (procedure === undefined) throw new AppError('feature.unavailable', { feature: name })
        return procedure(input, io)
      },
    })
  }
}

export const RESULT: RunResult = {
  project: 'triage',
  run: 'r1',
  data: {
    rows: 1000,
    trainRows: 600,
    validationRows: 0,
    testRows: 200,
    classes: { a: 300, b: 300 },
    ratioBefore: 6.1,
    ratioAfter: 1.5,
    personalData: {},
    duplicatesRemoved: 3,
    leaksRemoved: 2,
    tooLong: 1,
  },
  privacy: { scanned: false, acceptedBy: null },
  train: {
    steps: 36,
    epochs: 2,
    losses: [2.5, 0.25],
    learningRates: [1e-4, 0],
    gradNorms: [1, 0.5],
    rowsPerSecond: 5.55,
    tokensPerSecond: 321.4,
    supervisedTokens: 3000,
    seconds: 125,
    peakMemoryBytes: 1_500_000_000,
    trainableParameters: 460_800,
    precision: 'fp32',
    device: 'cpu',
  },
  evaluation: {
    base: { n: 200, accuracy: 0.3, macroF1: 0.25, ci95: { accuracy: [0.24, 0.37] } },
    tuned: { n: 200, accuracy: 0.875, macroF1: 0.86, ci95: { accuracy: [0.82, 0.91], macroF1: [0.8, 0.9] } },
  },
  artifacts: { peft: '/w/peft', bundle: '/w/triage.airlock', report: '/w/report.html' },
  planHash: 'a'.repeat(64),
}
