import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os'

/** What this machine is, as far as it matters for planning and for reports. */
export interface MachineFacts {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly os: string
  readonly runtime: string
}

export function machineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() || arch(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${platform()} ${release()} ${arch()}`,
    runtime: `Node.js ${process.versions.node}`,
  }
}

/** Bytes that programs may still take without pushing others out; on Linux what the kernel itself estimates. */
export function availableMemory(): number {
  const kilobytes = numberIn(textOf('/proc/meminfo'), /^MemAvailable:\s+(\d+) kB/m)
  return kilobytes === null ? freemem() : kilobytes * 1024
}

/** Resident bytes of a process; pages it shares with others are divided among them (Linux), so that sums over a process tree count them once. Null when the platform cannot tell or the process is gone. */
export function residentMemory(pid: number): number | null {
  const kilobytes = numberIn(textOf(`/proc/${pid}/smaps_rollup`), /^Pss:\s+(\d+) kB/m)
  if (kilobytes !== null) return kilobytes * 1024
  return pid === process.pid ? process.memoryUsage.rss() : null
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function numberIn(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)
  return found === null ? null : Number(found[1])
}
