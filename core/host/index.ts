export { nodeProcesses } from './node-processes.ts'
