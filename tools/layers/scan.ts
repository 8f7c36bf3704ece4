import { type Token, tokenize } from './tokens.ts'

export interface Import {
  /** What is imported, as written; undefined when the address is computed. */
  specifier: string | undefined
  line: number
}

export interface Scan {
  imports: Import[]
  tokens: Token[]
}

/** Every import of a TypeScript source: static, for effects only, types, re-exports, `import()` and `require()`. */
export function scanImports(source: string): Scan {
  const tokens = tokenize(source)
  const imports: Import[] = []
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || isSign(tokens[at - 1], '.')) return
    const next = tokens[at + 1]
    if (token.value === 'import' && next?.kind === 'text') imports.push(found(next))
    else if ((token.value === 'import' || token.value === 'require') && isSign(next, '('))
      imports.push(call(tokens, at + 2))
    else if ((token.value === 'import' && !isSign(next, '.')) || (token.value === 'export' && isReExport(tokens, at))) {
      const from = fromClause(tokens, at + 1)
      if (from !== undefined) imports.push(found(from))
    }
  })
  return { imports, tokens }
}

const isSign = (token: Token | undefined, sign: string): boolean => token?.kind === 'sign' && token.value === sign
const isWord = (token: Token | undefined, word: string): boolean => token?.kind === 'word' && token.value === word
const found = (token: Token): Import => ({
  specifier: token.value === '\0' ? undefined : token.value,
  line: token.line,
})

/** `import('x')`, `import('x', {…})`; anything but one plain text is a computed address. */
function call(tokens: readonly Token[], at: number): Import {
  const [argument, after] = [tokens[at], tokens[at + 1]]
  const plain = argument?.kind === 'text' && (isSign(after, ')') || isSign(after, ','))
  return { specifier: plain ? found(argument).specifier : undefined, line: argument?.line ?? 0 }
}

function isReExport(tokens: readonly Token[], at: number): boolean {
  const next = isWord(tokens[at + 1], 'type') ? tokens[at + 2] : tokens[at + 1]
  return isSign(next, '*') || isSign(next, '{')
}

/** The text behind `from`, before the statement can have ended: names, braces, commas, stars only. */
function fromClause(tokens: readonly Token[], start: number): Token | undefined {
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]!
    const next = tokens[at + 1]
    if (isWord(token, 'from') && next?.kind === 'text') return next
    if (token.kind === 'sign' && !/^[{},*]$/.test(token.value)) return undefined
    // Texts stand for names too: `export { x as 'y' } from 'z'`.
    if (isSign(token, '}') && !isWord(next, 'from') && !isSign(next, ',')) return undefined
  }
  return undefined
}
