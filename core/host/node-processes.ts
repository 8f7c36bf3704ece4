import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromJob, ProcessPort, ToJob } from '../app/index.ts'
import { residentMemory } from '../kit/index.ts'

const entry = fileURLToPath(new URL('./job-main.ts', import.meta.url))

/**
 * Job processes under Node: a fork of this program with a message channel. The channel's end is the child's signal to
 * stop, so a killed parent leaves no process behind.
 */
export const nodeProcesses: ProcessPort = {
  start() {
    // Ctrl-C reaches the whole foreground group; a session of its own leaves stopping to the parent, who asks politely first.
    const child = fork(entry, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      detached: process.platform !== 'win32',
    })
    let diagnostics = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      diagnostics = (diagnostics + String(chunk)).slice(-4000)
    })
    const exited = new Promise<{ code: number | null; signal: string | null; diagnostics: string }>((resolve) => {
      child.on('exit', (code, signal) => resolve({ code, signal, diagnostics }))
      child.on('error', () => resolve({ code: null, signal: null, diagnostics }))
    })
    return {
      exited,
      send(message: ToJob) {
        if (child.connected) child.send(message, () => {}) // a channel that just closed is reported by `exited`
      },
      onMessage: (listener: (message: FromJob) => void) =>
        void child.on('message', (message) => listener(message as FromJob)),
      kill: () => void child.kill('SIGKILL'),
      memory: () => (child.pid === undefined ? null : residentMemory(child.pid)),
    }
  },
  ownMemory: () => residentMemory(process.pid) ?? 0,
}
