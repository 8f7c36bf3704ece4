import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { diskFiles, randomStream } from '../../core/kit/index.ts'
import { openStore, STORE_FILE } from '../../core/store/index.ts'
import { repetitions, temporaryFolder } from './store-support.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

interface Writer {
  child: ChildProcess
  lines: string[]
  /** Resolves when a line satisfies the test. */
  until(test: (line: string) => boolean): Promise<string>
  /** Kills without mercy; resolves when the process is gone and all its output was read. */
  kill(): Promise<void>
}

/** Starts tests/fault/store-writer.ts. */
function startWriter(folder: string, first: number, ...more: string[]): Writer {
  const flags = process.features.typescript ? [] : ['--experimental-strip-types']
  const script = join(import.meta.dirname, 'store-writer.ts')
  const child = spawn(process.execPath, [...flags, script, folder, String(first), ...more], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let closed = false
  const wake = (): void => {
    for (const check of waiting) check()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    wake()
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('close', () => {
    closed = true
    wake()
  })
  return {
    child,
    lines,
    until: (test) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = lines.find(test)
          if (found === undefined && !closed) return
          waiting.delete(check)
          if (found === undefined) reject(new Error(`the writer ended: ${lines.slice(-3).join(' | ')}`))
          else resolve(found)
        }
        waiting.add(check)
        check()
      }),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Compares the store with what was printed; returns the number of transactions it holds. */
function check(folder: string, printed: readonly number[]): number {
  if (!diskFiles.exists(join(folder, STORE_FILE))) {
    expect(printed).toEqual([]) // killed before the store existed
    return 0
  }
  const store = openStore(folder, { actor: 'checker' })
  try {
    expect(store.checkIntegrity()).toEqual([])
    expect(store.verifyAudit().ok).toBe(true)
    if (store.read.runs.byId('run') === undefined) {
      expect(printed).toEqual([])
      return 0
    }
    const committed: number[] = []
    for (let after = 0; ; ) {
      const page = store.read.audit.page({ after })
      if (page.length === 0) break
      for (const entry of page) if (entry.action === 'test.write') committed.push(entry.detail.n as number)
      after = page.at(-1)?.seq as number
    }
    const groups = new Map<string, number>()
    for (const row of store.read.rows.stream('version')) {
      groups.set(row.group as string, (groups.get(row.group as string) ?? 0) + 1)
    }
    const names = committed.map((n) => `tx-${n}`)
    const missing = printed.filter((n) => !groups.has(`tx-${n}`))
    expect(missing).toEqual([])
    expect([...groups]).toEqual(names.map((name) => [name, 5]))
    expect(store.read.runs.metrics('run').map((m) => m.step)).toEqual(committed)
    const scored = [...store.read.evaluations.streamPredictions('evaluation')].map((p) => p.rowId)
    expect(scored).toEqual(names.toSorted())
    expect(store.read.datasets.version('version')?.rowCount).toBe(5 * committed.length)
    return committed.length
  } finally {
    store.close()
  }
}

describe('P-20 a committed row survives kill -9', () => {
  it('at random moments, while opening, upgrading and committing', async () => {
    const kills = repetitions(20, 1_000)
    const random = randomStream(20, 'kill')
    let folder = ''
    let printed: number[] = []
    let [first, transactions] = [0, 0]
    for (let kill = 0; kill < kills; kill++) {
      // A new store now and then, so that creation is interrupted as well and checking stays quick.
      if (kill % 20 === 0) [folder, printed, first] = [temporaryFolder(), [], 0]
      const writer = startWriter(folder, first)
      if (random.int(4) === 0) await pause(random.int(400))
      else {
        await writer.until((line) => line === 'open')
        await pause(random.int(60))
      }
      await writer.kill()
      expect(writer.lines.filter((line) => !/^(open|\d+)$/.test(line))).toEqual([])
      printed.push(...writer.lines.filter((line) => line !== 'open').map(Number))
      const held = check(folder, printed)
      expect(held - printed.length).toBeLessThanOrEqual((kill % 20) + 1) // at most the last of each was not printed
      transactions += writer.lines.length
      first += 1_000_000
    }
    expect(transactions).toBeGreaterThan(kills)
  }, 1_800_000)
})

describe('the owner of a workspace', () => {
  it('is one process: a second is refused by name, may look, and takes over when the first is dead', async () => {
    const folder = temporaryFolder()
    const owner = startWriter(folder, 1, 'hold')
    await owner.until((line) => line === '1')
    expect(() => openStore(folder, { actor: 'second' })).toThrow(
      expect.objectContaining({
        code: 'store.in_use',
        data: expect.objectContaining({ pid: owner.child.pid, folder }),
      }),
    )
    const viewer = openStore(folder, { actor: 'viewer', mode: 'read' })
    expect(viewer.read.rows.page('version').rows).toHaveLength(5)
    viewer.close()
    await owner.kill()
    const heir = openStore(folder, { actor: 'heir' })
    expect(heir.read.rows.page('version').rows).toHaveLength(5)
    heir.close()
  })

  it('is one of several that start at the same moment', async () => {
    const folder = temporaryFolder()
    for (let round = 0; round < repetitions(2, 25); round++) {
      const writers = [0, 1, 2].map((i) => startWriter(folder, round * 10 + i, 'hold'))
      const outcomes = await Promise.all(writers.map((w) => w.until((line) => line !== 'open')))
      const refused = outcomes.filter((line) => line.startsWith('refused store.in_use'))
      expect([refused.length, outcomes.filter((line) => /^\d+$/.test(line)).length]).toEqual([2, 1])
      await Promise.all(writers.map((w) => w.kill()))
    }
  })
})
