import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Files of the project: those under version control, or in an unpacked archive everything that is not installed. */
export function projectFiles(): string[] {
  if (!existsSync(join(root, '.git'))) return walk(root).map((path) => relative(root, path).split(sep).join('/'))
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', '.git', 'dist', 'coverage', '.cache'].includes(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** Documents a person reads, as paths from the root. */
export function documents(): string[] {
  const docs = walk(join(root, 'docs')).map((path) => relative(root, path).split(sep).join('/'))
  const all = ['README.md', 'CHANGELOG.md', 'resources/samples/README.md', ...docs]
  return all.filter((path) => path.endsWith('.md'))
}

/** Text outside fenced blocks: there, links and headings are what they look like. */
export function prose(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '')
}

/** Targets of all links and pictures. */
export function links(markdown: string): string[] {
  const plain = prose(markdown).replace(/`[^`\n]*`/g, '')
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string)
}

/** Anchors of the headings, as the usual hosts of such pages make them. */
export function anchors(markdown: string): Set<string> {
  const headings = [...prose(markdown).matchAll(/^#{1,6} +(.+)$/gm)].map((match) => match[1] as string)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

/** Contents of code spans. */
export function codeSpans(markdown: string): string[] {
  return [...prose(markdown).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string)
}

/** Fenced blocks of one language. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)
  return [...blocks].filter((match) => match[1] === language).map((match) => match[2] as string)
}

/** Rows of every table under a heading (up to the next heading of the same level), cells trimmed, header left out. */
export function tableRows(markdown: string, heading: string): string[][] {
  const section = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(markdown)?.[1] ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells, at, all) => !/^-+$/.test(cells[0] ?? '') && !/^-+$/.test(all[at + 1]?.[0] ?? ''))
}
