import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path/posix'
import { type Scan, scanImports } from './scan.ts'
import { COMPUTED_IMPORTS, FREE_FOLDERS, FREE_NODE, MODULES, OUTSIDE, RESERVED, SHELLS } from './table.ts'

export interface Problem {
  file: string
  line: number
  /** What is wrong, with the list of what would be right. */
  message: string
}

/** Path (with slashes, from the root of the repository) and text of every source file. */
export type SourceFiles = ReadonlyMap<string, string>

const isTest = (file: string): boolean => /\.(test|testing)\.tsx?$/.test(file)

/** Checks every file against the table; an empty list means the house stands as planned. */
export function checkLayers(files: SourceFiles): Problem[] {
  const problems: Problem[] = []
  for (const [file, text] of files) {
    const top = file.split('/')[0]!
    if (FREE_FOLDERS.includes(top) || !file.includes('/') || isTest(file)) continue
    const owner = moduleOf(file)
    const report = (line: number, message: string): void => void problems.push({ file, line, message })
    if (owner === undefined) {
      report(
        1,
        `unknown module; known: ${[...Object.keys(MODULES), ...Object.keys(SHELLS), ...FREE_FOLDERS].join(', ')}`,
      )
      continue
    }
    const scan = scanImports(text)
    for (const { specifier, line } of scan.imports) {
      const message = importProblem(file, owner, specifier)
      if (message !== undefined) report(line, message)
    }
    for (const { line, message } of reservedProblems(owner, scan)) report(line, message)
  }
  return problems
}

/** `core/kit` of `core/kit/hash.ts`, `electron` of `electron/main.ts`; undefined when the table has no such module. */
function moduleOf(path: string): string | undefined {
  const [top, name, ...rest] = path.split('/')
  if (top !== undefined && SHELLS[top] !== undefined) return top
  const module = `${top}/${name}`
  return rest.length > 0 && MODULES[module] !== undefined ? module : undefined
}

function importProblem(file: string, owner: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined) {
    const message = 'imports a computed address, which nobody can check'
    return COMPUTED_IMPORTS.includes(file) ? undefined : `${message}; allowed only in: ${listed(COMPUTED_IMPORTS)}`
  }
  if (specifier.startsWith('.')) return fileProblem(file, owner, join(dirname(file), specifier))
  if (/^[a-z]+:/.test(specifier) && !specifier.startsWith('node:')) return `imports an address: ${specifier}`
  return isBuiltin(specifier) ? nodeProblem(owner, specifier) : packageProblem(owner, specifier)
}

function fileProblem(file: string, owner: string, target: string): string | undefined {
  if (isTest(target)) return `imports the test file ${target}`
  if (OUTSIDE[file]?.includes(target)) return undefined
  const other = moduleOf(target)
  if (other === owner) return undefined
  const shell = SHELLS[owner]
  const allowed = shell?.modules ?? below(owner)
  if (other === undefined)
    return `imports ${target}, which belongs to no module; ${owner} may import: ${listed(allowed)}`
  if (allowed.includes(other) || MODULES[owner]?.also?.includes(target)) return undefined
  const [from, to] = [MODULES[owner]?.level, MODULES[other]?.level]
  const why = from === undefined ? 'is not offered to the shell' : to === from ? 'is a sibling' : 'is above'
  const also = MODULES[owner]?.also ?? []
  return `imports ${target}, but ${other} ${why}; ${owner} may import: ${listed([...allowed, ...also])}`
}

function below(owner: string): string[] {
  const level = MODULES[owner]?.level ?? 0
  return Object.keys(MODULES).filter((name) => MODULES[name]!.level < level)
}

function packageProblem(owner: string, specifier: string): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const allowed = MODULES[owner]?.packages ?? SHELLS[owner]?.packages ?? []
  return allowed.includes(name) ? undefined : `imports the package ${name}; ${owner} may import: ${listed(allowed)}`
}

function nodeProblem(owner: string, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return `imports ${specifier} without node:`
  const part = specifier.slice('node:'.length).split('/')[0]!
  const own = MODULES[owner]?.node ?? SHELLS[owner]?.node ?? []
  const allowed = owner === 'renderer' ? own : [...FREE_NODE, ...own]
  const names = allowed.map((name) => `node:${name}`)
  return allowed.includes(part) ? undefined : `imports ${specifier}; ${owner} may import: ${listed(names)}`
}

function* reservedProblems(owner: string, { tokens }: Scan): Generator<{ line: number; message: string }> {
  for (const { words, modules, instead } of RESERVED) {
    if (modules.includes(owner)) continue
    const wanted = words.match(/\w+|\S/g)!
    for (let at = 0; at < tokens.length; at++) {
      const hit = wanted.every((word, i) => tokens[at + i]?.value === word && tokens[at + i]?.kind !== 'text')
      const before = tokens[at - 1]?.value
      // `x.fetch(…)` and the method `fetch() {…}` of an object are other functions of that name.
      if (!hit || before === '.' || before === 'function' || isMethod(tokens, at)) continue
      yield { line: tokens[at]!.line, message: `writes ${words}; allowed in: ${listed(modules)}; use ${instead}` }
    }
  }
}

/** `name(…): T` or `name(…) {` defines a method. */
function isMethod(tokens: Scan['tokens'], at: number): boolean {
  if (tokens[at + 1]?.value !== '(') return false
  let depth = 0
  for (let end = at + 1; end < tokens.length; end++) {
    if (tokens[end]!.kind !== 'sign') continue
    if (tokens[end]!.value === '(') depth++
    if (tokens[end]!.value === ')' && --depth === 0) {
      const after = tokens[end + 1]?.value
      return after === '{' || (after === ':' && /^[{};,]?$/.test(tokens[at - 1]?.value ?? ''))
    }
  }
  return false
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))
