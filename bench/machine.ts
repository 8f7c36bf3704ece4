import { env } from 'onnxruntime-node'
import { diskFiles, machineFacts } from '../core/kit/index.ts'
import packageFile from '../package.json' with { type: 'json' }

/** What a figure was measured on: part of every result. */
export interface MachineReport {
  readonly threads: number
  readonly cpu: string
  readonly cores: number
  readonly os: string
  readonly versions: { readonly airlock: string; readonly node: string; readonly onnxruntime: string }
}

/** Threads of the engine: as asked for, else all cores, as in the product. */
export function threadsOf(asked: number | undefined): number {
  return asked ?? machineFacts().cores
}

export function machineReport(threads: number): MachineReport {
  const { cpu, cores, os } = machineFacts()
  const versions = {
    airlock: packageFile.version,
    node: process.versions.node,
    onnxruntime: env.versions.node ?? env.versions.common,
  }
  return { threads, cpu, cores, os, versions }
}

/**
 * Largest resident memory of this process so far, in bytes, as the system itself recorded it. On Linux from the address
 * space (VmHWM): the figure of getrusage also remembers the program that started this one.
 */
export function peakMemory(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(statusText())
  return (kilobytes === null ? process.resourceUsage().maxRSS : Number(kilobytes[1])) * 1024
}

function statusText(): string {
  if (process.platform !== 'linux') return ''
  return new TextDecoder().decode(diskFiles.read('/proc/self/status'))
}
