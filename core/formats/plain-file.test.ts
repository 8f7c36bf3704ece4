import { execFileSync } from 'node:child_process'
import { chmodSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../tests/support/temp-folder.ts'
import { resolvedPath } from '../kit/file-facts.ts'
import { openPlainFile, readExactly } from './plain-file.ts'

const folder = tempFolder()
const code = (name: string) => expect.objectContaining({ name: 'AppError', code: name })

describe('openPlainFile', () => {
  it('names a missing file, a folder and an empty file', () => {
    expect(() => openPlainFile(join(folder.path, 'none'))).toThrow(code('format.file_missing'))
    expect(() => openPlainFile(join(folder.put('file', 'x'), 'below'))).toThrow(code('format.file_missing'))
    expect(() => openPlainFile(folder.path)).toThrow(code('format.not_a_file'))
    expect(() => openPlainFile(folder.put('empty', ''))).toThrow(code('format.file_empty'))
  })

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', () => {
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => openPlainFile(pipe)).toThrow(code('format.not_a_file'))
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('names a file that may not be read', () => {
    const path = folder.put('secret', 'x')
    chmodSync(path, 0)
    expect(() => openPlainFile(path)).toThrow(code('format.file_unreadable'))
  })

  it('notices a file that becomes shorter while it is open', () => {
    const path = folder.put('shrinking', new Uint8Array(100))
    const file = openPlainFile(path)
    truncateSync(path, 50)
    expect(() => readExactly(file, new Uint8Array(100), 0)).toThrow(code('format.file_changed'))
    file.close()
  })

  it('refuses to read after close, and closes once', () => {
    const file = openPlainFile(folder.put('closed', 'abc'))
    file.close()
    file.close()
    expect(() => readExactly(file, new Uint8Array(1), 0)).toThrow(code('internal.invariant'))
  })

  it('resolves nothing for a missing path', () => {
    expect(resolvedPath(join(folder.path, 'none'))).toBeUndefined()
  })
})
