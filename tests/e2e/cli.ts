import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect } from 'vitest'

/** The real command line in processes of its own, in a home and a workspace that belong to the test. */

const root = resolve(import.meta.dirname, '../..')
const reportRss = pathToFileURL(resolve(import.meta.dirname, 'report-rss.mjs')).href

export interface CliOptions {
  /** Program put in front, e.g. `unshare -n`. */
  readonly wrap?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Without it, `--json --lang en` are added. */
  readonly plain?: boolean
  readonly cwd?: string
  readonly workspace?: string
}

export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Peak resident bytes of the largest process that ended by itself; 0 when none reported. */
  readonly maxRss: number
}

export interface RunningCli {
  readonly child: ChildProcess
  readonly pid: number
  readonly done: Promise<CliResult>
}

export class Sandbox {
  readonly path: string
  readonly home: string
  readonly workspace: string
  #running = new Set<ChildProcess>()

  constructor(name = 'e2e') {
    this.path = mkdtempSync(join(tmpdir(), `airlock-${name}-`))
    this.home = join(this.path, 'home')
    this.workspace = join(this.path, 'workspace')
  }

  start(args: readonly string[], options: CliOptions = {}): RunningCli {
    const rssFile = join(this.path, `rss-${Math.trunc(performance.now() * 1000)}`)
    const common = [
      ...(options.plain === true ? [] : ['--json', '--lang', 'en']),
      '--workspace',
      options.workspace ?? this.workspace,
    ]
    const words = [
      ...(options.wrap ?? []),
      process.execPath,
      '--import',
      reportRss,
      join(root, 'tools/start.mjs'),
      'core/cli/main.ts',
      ...args,
      ...common,
    ]
    // Only what a bare shell would pass on: nothing of this test runner reaches the product.
    const { PATH = '', LANG = 'C.UTF-8' } = process.env
    const env = {
      PATH,
      LANG,
      AIRLOCK_HOME: this.home,
      TMPDIR: this.path,
      HOME: this.path,
      AIRLOCK_TEST_RSS_FILE: rssFile,
      ...options.env,
    }
    const child = spawn(words[0]!, words.slice(1), {
      cwd: options.cwd ?? this.path,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const done = new Promise<CliResult>((settle, fail) => {
      child.on('error', fail)
      child.on('close', (code, signal) => {
        this.#running.delete(child)
        const peaks = existsSync(rssFile)
          ? readFileSync(rssFile, 'utf8')
              .trim()
              .split('\n')
              .map((line) => Number(line.split(' ')[1]))
          : []
        settle({ code, signal, stdout, stderr, maxRss: Math.max(0, ...peaks) })
      })
    })
    return { child, pid: child.pid ?? 0, done }
  }

  /** Runs to the end. */
  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return this.start(args, options).done
  }

  /** Runs with `--json`, expects success and exactly one JSON object on standard output. */
  async json<T = Record<string, unknown>>(args: readonly string[], options: CliOptions = {}): Promise<T> {
    const result = await this.run(args, options)
    expect(result.code, `airlock ${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
    return onlyObject<T>(result.stdout)
  }

  /** Runs with `--json`, expects a named error of this exit code, and returns it. */
  async error(
    args: readonly string[],
    exit: number,
    options: CliOptions = {},
  ): Promise<CliError & { maxRss: number; stderr: string }> {
    const result = await this.run(args, options)
    expect(result.code, `airlock ${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(exit)
    const { error, ...rest } = onlyObject<{ error: CliError }>(result.stdout)
    expect(rest).toEqual({})
    expect(error.message, 'a message with a hole').not.toMatch(/[{}]|—|undefined|\[object/)
    expect(error.hint).not.toMatch(/undefined|\[object/)
    expect(`${result.stdout}${result.stderr}`, 'a stack trace on the screen').not.toMatch(/\n\s+at .*:\d+:\d+/)
    return { ...error, maxRss: result.maxRss, stderr: result.stderr }
  }

  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.path, { recursive: true, force: true })
  }
}

export interface CliError {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A sandbox that is removed after the file's tests. */
export function sandbox(name?: string): Sandbox {
  const made = new Sandbox(name)
  afterAll(() => made.remove())
  return made
}

/** Standard output must be one JSON object on one line and nothing else. */
export function onlyObject<T>(stdout: string): T {
  expect(stdout.endsWith('\n')).toBe(true)
  const value: unknown = JSON.parse(stdout)
  expect(typeof value === 'object' && value !== null && !Array.isArray(value)).toBe(true)
  return value as T
}

/** Digest of every file in a tree by relative path; left out are logs and the shared memory of SQLite, in which readers leave marks. */
export function treeHash(folder: string, ignore = /(^|\/)logs\/|\.db-shm$/): Record<string, string> {
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => !entry.isDirectory())
  const paths = files.map((f) => join(f.parentPath, f.name)).sort()
  return Object.fromEntries(
    paths
      .map((path) => [relative(folder, path), path] as const)
      .filter(([name]) => !ignore.test(name))
      .map(([name, path]) => [name, fileHash(path)]),
  )
}

export function fileHash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** Ids of the child processes of a process (Linux). */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie that nobody collected yet is dead.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until `condition` holds; fails with `what` after `seconds`. */
export async function until<T>(condition: () => T | null | undefined | false, what: string, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const value = condition()
    if (value !== null && value !== undefined && value !== false) return value
    if (performance.now() > end) throw new Error(`waited ${seconds} s for: ${what}`)
    await new Promise((wake) => setTimeout(wake, 2))
  }
}

/** Words that run a program without any network, or null where the system does not permit it. */
export function withoutNetwork(): string[] | null {
  for (const words of [
    ['unshare', '-n'],
    ['unshare', '-r', '-n'],
  ]) {
    if (spawnSync(words[0]!, [...words.slice(1), 'true']).status === 0) return words
  }
  return null
}
