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

/** What one command hands to `Session.act`. */
export interface Act<Output> {
  /** The use case; `piece` writes text at once, for answers that grow. */
  call(app: AirlockApp, io: AppIo & { piece(text: string): void }): Promise<Output>
  /** Text for a person; nothing when the pieces were all. */
  render(output: Output, lang: Lang): string | null
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
  private logs: string

  constructor(host: CliHost, facts: { lang: Lang; json: boolean; version: string }) {
    this.host = host
    this.lang = facts.lang
    this.json = facts.json
    this.version = facts.version
    this.logs = userFolders(host.surroundings).logs
  }

  readonly t = (key: MessageKey, data: Readonly<Record<string, unknown>> = {}): string => message(this.lang, key, data)

  /** Runs one use case from options to exit code: interrupts, progress, output and errors. */
  async act<Output>(command: Command, act: Act<Output>): Promise<void> {
    const options = command.optsWithGlobals<CommonOptions>()
    const quiet = options.quiet === true
    const progress = createProgress({ stream: this.host.stderr, lang: this.lang, clock: this.host.clock, quiet })
    const cancel = cancelSource()
    const stopListening = this.host.onInterrupt(this.interrupted(cancel, progress.note))
    let app: AirlockApp | undefined
    let pieces = false
    try {
      app = this.host.createApp(this.appOptions(options))
      const output = await act.call(app, {
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
      progress.end()
      if (pieces) this.host.stdout.write('\n')
      this.show(output, act.render(output, this.lang))
    } catch (error) {
      progress.end()
      if (pieces) this.host.stdout.write('\n')
      this.fail(error)
    } finally {
      stopListening()
      await this.close(app)
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
    if (file === undefined) return this.host.surroundings.env['AIRLOCK_PASSPHRASE'] || null
    const path = callerPath(file)
    const text = new TextDecoder().decode(diskFiles.read(path)).replace(/\r?\n$/, '')
    if (text === '') throw new AppError('usage.invalid_value', { command: 'airlock', option: '--passphrase-file', value: path, expected: 'text' })
    return text
  }

  /** A defect while closing is reported unless something worse already was. */
  private async close(app: AirlockApp | undefined): Promise<void> {
    try {
      await app?.close()
    } catch (error) {
      if (this.exitCode === 0 && !this.json) this.fail(error)
      else this.exitCode ||= 1
    }
  }
}

function withoutExit({ code, message: text, hint, data }: ErrorDescription): Omit<ErrorDescription, 'exit'> {
  return { code, message: text, hint, data }
}
