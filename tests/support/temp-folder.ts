import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder for one test file, removed when its tests are done. */
export interface TempFolder {
  readonly path: string
  /** Writes a file in the folder (replacing one of that name) and returns its path. */
  put(name: string, data: Uint8Array | string): string
}

export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), 'airlock-test-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return {
    path,
    put(name, data) {
      const file = join(path, name)
      writeFileSync(file, data)
      return file
    },
  }
}
