// Measurements, as a process: `npm run -s bench -- <command> …`.
import { processHost } from '../core/cli/host.ts'
import { AppError } from '../core/kit/index.ts'
import { runBench } from './program.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1) // a reader that went away is no defect
})

// Measurements call the use cases themselves: they need figures that no procedure returns.
const noApplication = (): never => {
  throw new AppError('internal.invariant', { message: 'measurements need no application' })
}
process.exitCode = await runBench(process.argv.slice(2), processHost(noApplication))
