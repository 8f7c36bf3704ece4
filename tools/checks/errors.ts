import { scanImports } from '../layers/scan.ts'
import type { Token } from '../layers/tokens.ts'

/** One `new AppError('code', …)` in the source. */
export interface ErrorSite {
  file: string
  line: number
  code: string
  /** Names of the facts it passes; undefined when they are not written out there (a variable, a spread). */
  facts: string[] | undefined
}

const CODE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/

/** Every literal construction of a named error in one file. */
export function errorSites(file: string, source: string): ErrorSite[] {
  const { tokens } = scanImports(source)
  const sites: ErrorSite[] = []
  tokens.forEach((token, at) => {
    const [name, open, code] = tokens.slice(at + 1, at + 4)
    if (token.value !== 'new' || name?.value !== 'AppError' || open?.value !== '(' || code?.kind !== 'text') return
    sites.push({ file, line: code.line, code: code.value, facts: factNames(tokens, at + 4) })
  })
  return sites
}

/** Every text of one file that has the shape of a code: codes may reach an error through a helper or a table. */
export function codeTexts(source: string): string[] {
  return scanImports(source)
    .tokens.filter((token) => token.kind === 'text' && CODE.test(token.value))
    .map((token) => token.value)
}

/** Top-level keys of the object literal behind the code. */
function factNames(tokens: readonly Token[], at: number): string[] | undefined {
  if (tokens[at]?.value === ')') return []
  if (tokens[at]?.value !== ',') return undefined
  if (tokens[at + 1]?.value === ')') return []
  if (tokens[at + 1]?.value !== '{') return undefined
  const names: string[] = []
  let depth = 0
  for (let i = at + 1; i < tokens.length; i++) {
    const { kind, value } = tokens[i]!
    const previous = tokens[i - 1]!.value
    if (kind === 'sign' && /[[({]/.test(value)) depth++
    else if (kind === 'sign' && /[\])}]/.test(value)) depth--
    else if (depth === 1 && (previous === '{' || previous === ',')) {
      if (value === '.') return undefined // a spread
      names.push(value)
    }
    if (depth === 0) return names
  }
  return undefined
}

/** `{names}` that a text wants filled. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
}
