import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

/** Path (with slashes, from the root) and text of every TypeScript file under some folders of the repository. */
export function sourceFiles(folders: readonly string[], root = ROOT): Map<string, string> {
  const files = new Map<string, string>()
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|tsx|mts|cts)$/.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const name = relative(root, path).split(sep).join('/')
      if (!/(^|\/)(node_modules|dist|fixtures)\//.test(name)) files.set(name, readFileSync(path, 'utf8'))
    }
  }
  return files
}
