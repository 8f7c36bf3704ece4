export { type CliHost, processHost } from './host.ts'
export { runCli } from './program.ts'
