import { isAbsolute, resolve } from 'node:path'

/** Resolves a path given on the command line against the caller's folder (npm changes the working folder and leaves the real one in INIT_CWD). */
export function callerPath(path: string): string {
  return isAbsolute(path) ? path : resolve(process.env['INIT_CWD'] ?? process.cwd(), path)
}
