/** One token of TypeScript source: enough to tell code from comments, texts and patterns. */
export interface Token {
  kind: 'word' | 'text' | 'sign'
  /** The word, the sign, or the content of a text; a template with substitutions has the content `\0`. */
  value: string
  line: number
}

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /\.?\d(?:[\w.]|[eE][+-])*/y
/** A slash after one of these words begins a pattern; after any other word it divides. */
const BEFORE_PATTERN = /^(return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|yield|await)$/

/** Splits source into tokens; comments and regular expressions leave none. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  const templates: number[] = [] // depth of braces at which each open template goes on
  let braces = 0
  let line = 1
  let at = 0

  const push = (kind: Token['kind'], value: string): void => void tokens.push({ kind, value, line })
  const skip = (length: number): void => {
    for (let end = at + length; at < end; at++) if (source[at] === '\n') line++
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  /** From behind a backtick or a closing brace to the next substitution or the end. */
  const template = (first: boolean): void => {
    const start = at
    for (; at < source.length; skip(1)) {
      if (source[at] === '\\') skip(1)
      else if (source[at] === '`') {
        push('text', first ? source.slice(start, at) : '\0')
        skip(1)
        return
      } else if (source.startsWith('${', at)) {
        push('text', '\0')
        skip(2)
        templates.push(braces)
        return
      }
    }
  }

  while (at < source.length) {
    const character = source[at]!
    if (/\s/.test(character)) skip(1)
    else if (source.startsWith('//', at) || source.startsWith('#!', at)) skip(match(/.*/y)!.length)
    else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      skip((end < 0 ? source.length : end + 2) - at)
    } else if (character === "'" || character === '"') {
      const text = match(character === "'" ? /'(?:\\[\s\S]|[^'\\\n])*'?/y : /"(?:\\[\s\S]|[^"\\\n])*"?/y)!
      push('text', plainText(text.slice(1, -1)))
      skip(text.length)
    } else if (character === '`') {
      skip(1)
      template(true)
    } else if (character === '}' && templates.at(-1) === braces) {
      templates.pop()
      skip(1)
      template(false)
    } else if (character === '/' && beginsPattern(tokens.at(-1))) {
      skip(match(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y)?.length ?? 1)
    } else {
      const word = match(WORD)
      const number = word === undefined ? match(NUMBER) : undefined
      if (word !== undefined) push('word', word)
      else if (number === undefined) push('sign', character)
      else push('word', number)
      if (character === '{') braces++
      if (character === '}') braces--
      skip((word ?? number ?? character).length)
    }
  }
  return tokens
}

function beginsPattern(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'text') return false
  if (before.kind === 'word') return BEFORE_PATTERN.test(before.value)
  return !/[)\]}]/.test(before.value)
}

/** `'\x66s'` is the module fs: escapes must not hide a name. */
function plainText(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([\s\S]))/gi, (_all, a, b, c, plain) =>
    plain === undefined ? String.fromCodePoint(Number.parseInt(a ?? b ?? c, 16)) : plain,
  )
}
