import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
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

/** Instruction sets that matter for the engine's speed, as the kernel names them; null where the platform does not say. */
export function instructionSets(): string[] | null {
  const flags = /^flags\s*:(.*)$/m.exec(textOf('/proc/cpuinfo'))?.[1]?.trim().split(/\s+/)
  if (flags === undefined) return null
  return ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'amx_bf16'].filter((name) => flags.includes(name))
}

/**
 * Internet sockets that this process holds open to anything but this machine, counted from the kernel's own tables;
 * null where the platform has no such tables (only Linux does).
 */
export function outsideConnections(): number | null {
  let open: Set<string>
  try {
    open = new Set(
      readdirSync('/proc/self/fd').flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${fd}`))?.[1] ?? []),
    )
  } catch {
    return null
  }
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((name) => textOf(`/proc/self/net/${name}`).split('\n').slice(1))
  return tables.filter((line) => {
    const [, , remote, , , , , , , inode] = line.trim().split(/\s+/)
    return inode !== undefined && open.has(inode) && !isThisMachine(remote ?? '')
  }).length
}

/** Addresses in the kernel's tables are hexadecimal, each 32-bit group in host order: 127.0.0.0/8, ::1, or none at all. */
function isThisMachine(remote: string): boolean {
  const address = remote.split(':')[0] ?? ''
  return (
    /^0+$/.test(address) ||
    /^.{6}7F$/.test(address) ||
    address === '00000000000000000000000001000000' ||
    /^0{16}FFFF0000.{6}7F$/.test(address)
  )
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed meanwhile
  }
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
