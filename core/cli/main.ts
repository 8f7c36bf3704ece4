// The command line, as a process: `npm run -s airlock -- <command> …`.
import { createApp } from '../app/index.ts'
import { nodeProcesses } from '../host/index.ts'
import { processHost } from './host.ts'
import { runCli } from './program.ts'

// A reader that went away (`airlock … | head`) is no defect.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

process.exitCode = await runCli(
  process.argv.slice(2),
  processHost((options) => createApp(options, nodeProcesses)),
)
process.stdin.destroy() // a conversation that was stopped may still be waiting for a line
