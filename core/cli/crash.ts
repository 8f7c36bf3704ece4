import { join } from 'node:path'
import { type Clock, diskFiles, isAppError, isoTime, writeAtomic } from '../kit/index.ts'

/**
 * Writes what a maintainer needs of a defect: kind, code and stack frames of the error and its causes. The texts of
 * errors are left out, since a library may quote the user's rows in them (promise P-53).
 * @returns path of the log, or undefined when not even the log could be written
 */
export function writeCrashLog(
  error: unknown,
  folder: string,
  facts: { version: string; clock: Clock },
): string | undefined {
  const time = isoTime(facts.clock.now())
  const path = join(folder, `airlock-${time.replace(/[:.]/g, '-')}.log`)
  const head = [
    `time ${time}`,
    `version ${facts.version}`,
    `node ${process.version} ${process.platform}-${process.arch}`,
  ]
  try {
    diskFiles.makeFolder(folder)
    writeAtomic(path, `${[...head, ...trace(error)].join('\n')}\n`)
    return path
  } catch {
    return undefined // The defect itself is shown all the same; a second failure must not hide it.
  }
}

function trace(error: unknown): string[] {
  const lines: string[] = []
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; depth++) {
    if (!(at instanceof Error)) {
      lines.push(`thrown: ${typeof at}`)
      break
    }
    const code = isAppError(at) ? at.code : (at as { code?: unknown }).code
    lines.push(`${depth === 0 ? 'error' : 'cause'} ${at.name}${typeof code === 'string' ? ` ${code}` : ''}`)
    // Only real frames: the first lines of a stack repeat the text.
    lines.push(
      ...(at.stack ?? '').split('\n').filter((line) => /^\s+at .*(:\d+:\d+\)?|<anonymous>\)?|native\)?)$/.test(line)),
    )
    at = at.cause
  }
  return lines
}
