import type { Command } from 'commander'
import type { AirlockApp } from '../contract/app.ts'
import { describeError, type ErrorDescription, isDefect } from '../contract/errors/describe.ts'
import { type Lang, type MessageKey, message } from '../contract/messages/index.ts'
import type { AppIo } from '../contract/progress.ts'
import { AppError, callerPath, cancelSource, diskFiles } from '../kit/index.ts'
import { writeCrashLog } from './crash.ts'
import { userFolders } from './folders.ts'
import type { CliHost } from './host.ts'
import { createProgress } from './progress.ts'
import { printable } from './text.ts'

/** Options that every command takes. */
export interface CommonOptions {
  workspace?: string
  json?: boolean
  quiet?: boolean
  seed?: number
  threads?: number
  passphraseFile?: string
}

/** What a piece of work gets: the use cases' surroundings, and a way to write text at once. */
export type SessionIo = AppIo & { piece(text: string): void }

/** How one command's result is shown. */
export interface Show<Output> {
  /** Text for a person; null when the pieces were all. */
  render(output: Output, lang: Lang): string | null
  /** Exit code of a result that is a verdict; 0 without it. */
  exit?(output: Output): number
}

/** npm and the start script both pass a Ctrl-C on to this process: signals this close together are one. Seconds. */
const SAME_PRESS = 0.7

/** One call of the command line: its language, its options, its output and its exit code. */
export class Session {
  exitCode = 0
  readonly host: CliHost
  readonly lang: Lang
  readonly version: string
  /** Known before the arguments are parsed, so that errors of parsing have the right shape. */
  readonly json: boolean
  private readonly logs: string

  constructor(host: CliHost, facts: { lang: Lang; json: boolean; version: string }) {
    this.host = host
    this.lang = facts.lang
    this.json = facts.json
    this.version = facts.version
    this.logs = userFolders(host.surroundings).logs
  }

  readonly t = (key: MessageKey, data: Readonly<Record<string, unknown>> = {}): string => message(this.lang, key, data)

  /** Runs one use case of the application: opens it, calls it, closes it. */
  act<Output>(
    command: Command,
    act: Show<Output> & { call(app: AirlockApp, io: SessionIo): Promise<Output> },
  ): Promise<void> {
    const call = async (io: SessionIo): Promise<Output> => {
      const app = this.host.createApp(this.appOptions(command.optsWithGlobals<CommonOptions>()))
      let output: Output
      try {
        output = await act.call(app, io)
      } catch (error) {
        // The first error is the cause; one that closing adds must not hide it.
        await app.close().catch(() => {})
        throw error
      }
      await app.close()
      return output
    }
    return this.work(command, { ...act, call })
  }

  /** Runs work that needs no application, from options to exit code: interrupts, progress, output and errors. */
  async work<Output>(command: Command, work: Show<Output> & { call(io: SessionIo): Promise<Output> }): Promise<void> {
    const quiet = command.optsWithGlobals<CommonOptions>().quiet === true
    const progress = createProgress({ stream: this.host.stderr, lang: this.lang, clock: this.host.clock, quiet })
    const cancel = cancelSource()
    const stopListening = this.host.onInterrupt(this.interrupted(cancel, progress.note))
    let pieces = false
    const endLines = (): void => {
      progress.end()
      if (pieces) this.host.stdout.write('\n')
    }
    try {
      const output = await work.call({
        cancel,
        lang: this.lang,
        progress: (event) => progress.event(event),
        log: ({ level, key, data }) => {
          const text = printable(this.t(key, data))
          progress.note(level === 'warn' ? `${this.t('note.warn')}: ${text}` : text)
        },
        piece: (text) => {
          if (this.json) return
          pieces = true
          this.host.stdout.write(printable(text))
        },
      })
      endLines()
      this.show(output, work.render(output, this.lang))
      this.exitCode = work.exit?.(output) ?? 0
    } catch (error) {
      endLines()
      this.fail(error)
    } finally {
      stopListening()
    }
  }

  /** Shows an error in the shape that was asked for and sets the exit code. */
  fail(error: unknown): void {
    const { host, lang, version } = this
    const log = isDefect(error) ? writeCrashLog(error, this.logs, { version, clock: host.clock }) : undefined
    const description = describeError(error, lang, log === undefined ? {} : { log })
    this.exitCode = description.exit
    if (this.json) host.stdout.write(`${JSON.stringify({ error: withoutExit(description) })}\n`)
    else host.stderr.write(`${this.errorText(description)}\n`)
  }

  private errorText({ code, message: text, hint }: ErrorDescription): string {
    return `${this.t('error.title')} [${code}] ${printable(text)}\n${this.t('error.hint')}: ${printable(hint)}`
  }

  private show<Output>(output: Output, text: string | null): void {
    if (this.json) this.host.stdout.write(`${JSON.stringify(output)}\n`)
    else if (text !== null) this.host.stdout.write(`${text}\n`)
  }

  private interrupted(cancel: { request(): void }, note: (line: string) => void): () => void {
    let first: number | undefined
    return () => {
      const now = this.host.clock.seconds()
      if (first === undefined) {
        first = now
        cancel.request()
        note(this.t('progress.stopping'))
      } else if (now - first > SAME_PRESS) {
        this.host.stderr.write(`\n${this.t('progress.killed')}\n`)
        this.host.kill(130)
      }
    }
  }

  private appOptions(options: CommonOptions) {
    const folders = userFolders(this.host.surroundings)
    const workspace = options.workspace === undefined ? folders.workspace : callerPath(options.workspace)
    return {
      workspace,
      modelCache: callerPath(folders.modelCache),
      logs: callerPath(folders.logs),
      threads: options.threads ?? null,
      passphrase: this.passphrase(options.passphraseFile),
      version: this.version,
    }
  }

  private passphrase(file: string | undefined): string | null {
    if (file === undefined) return this.host.surroundings.env.AIRLOCK_PASSPHRASE || null
    const path = callerPath(file)
    const text = new TextDecoder().decode(diskFiles.read(path)).replace(/\r?\n$/, '')
    if (text === '')
      throw new AppError('usage.invalid_value', {
        command: 'airlock',
        option: '--passphrase-file',
        value: path,
        expected: 'text',
      })
    return text
  }
}

function withoutExit({ code, message: text, hint, data }: ErrorDescription): Omit<ErrorDescription, 'exit'> {
  return { code, message: text, hint, data }
}
