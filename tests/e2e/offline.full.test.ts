import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeTinyProject } from '../support/tiny-model.ts'
import { sandbox } from './cli.ts'

const hasStrace = spawnSync('strace', ['-f', '-e', 'trace=connect', 'true']).status === 0
if (!hasStrace) process.stderr.write('SKIPPED: the system-call trace of P-01 needs strace\n')

describe.skipIf(!hasStrace)('P-01: system calls of the whole journey', () => {
  const box = sandbox('trace')

  it('no process opens a socket of the internet family, let alone connects', async () => {
    const project = writeTinyProject(join(box.path, 'project'), { model: 'tiny', 'train.maxSteps': 10 })
    let number = 0
    const traced = () => ({
      wrap: [
        'strace',
        '-ff',
        '-qq',
        '-e',
        'trace=socket,connect,sendto,sendmsg,bind',
        '-o',
        join(box.path, `trace-${++number}`),
      ],
    })
    await box.json(['model', 'add', project.model, '--name', 'tiny'], traced())
    await box.json(['run', project.recipe], traced())
    await box.json(['evaluate', '--run', 'run-1'], traced())
    await box.json(['generate', '--model', 'tiny', '--prompt', 'Question: rash', '--max-tokens', '4'], traced())
    const { artifacts } = await box.json<{ artifacts: { bundle: string } }>(
      ['export', 'run-1', '--to', join(box.path, 'out')],
      traced(),
    )
    await box.json(['inspect', artifacts.bundle], traced())
    await box.json(['doctor'], traced())

    const files = readdirSync(box.path).filter((name) => name.startsWith('trace-'))
    const calls = files.flatMap((name) => readFileSync(join(box.path, name), 'utf8').split('\n')).filter(Boolean)
    // Every process left a trace: seven of the command line, five jobs, and their threads.
    expect(files.length).toBeGreaterThan(12)
    // The job channel is a socket pair of the local kind, so the trace does see sockets.
    expect(calls.length).toBeGreaterThan(0)
    expect(calls.filter((line) => /AF_INET6?\b|sin6?_addr/.test(line))).toEqual([])
  })
})
