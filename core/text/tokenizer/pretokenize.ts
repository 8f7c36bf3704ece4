import { expressionOf, type PatternName } from './patterns.ts'
import type { PreTokenizer } from './spec.ts'

/** Splits normalised text into the pieces that the model sees; `atStart` says that the text begins the whole input. */
export function preTokenize(text: string, steps: readonly PreTokenizer[], atStart: boolean): string[] {
  let pieces = text === '' ? [] : [text]
  for (const step of steps) {
    const out: string[] = []
    pieces.forEach((piece, i) => {
      split(piece, step, out, atStart && i === 0)
    })
    pieces = out
  }
  return pieces
}

function split(piece: string, step: PreTokenizer, out: string[], first: boolean): void {
  switch (step.kind) {
    case 'split':
      splitBy(piece, step.pattern, step.keep === 'all', out)
      return
    case 'prefixSpace':
      out.push(piece.startsWith(' ') ? piece : ` ${piece}`)
      return
    case 'metaspace':
      metaspace(piece, step, out, first)
      return
    case 'bert':
      for (const match of piece.matchAll(/\p{P}|[$+<=>^`|~]|[^\p{White_Space}\p{P}$+<=>^`|~]+/gu)) out.push(match[0])
      return
  }
}

/** Every match is a piece; what lies between matches is one too when `gaps` are kept. */
function splitBy(piece: string, pattern: PatternName, gaps: boolean, out: string[]): void {
  const expression = expressionOf(pattern)
  expression.lastIndex = 0
  let end = 0
  for (let match = expression.exec(piece); match !== null; match = expression.exec(piece)) {
    if (gaps && match.index > end) out.push(piece.slice(end, match.index))
    out.push(match[0])
    end = match.index + match[0].length
  }
  if (gaps && end < piece.length) out.push(piece.slice(end))
}

function metaspace(
  piece: string,
  step: Extract<PreTokenizer, { kind: 'metaspace' }>,
  out: string[],
  first: boolean,
): void {
  const { mark } = step
  let text = piece.replaceAll(' ', mark)
  const wanted = step.prepend === 'always' || (step.prepend === 'first' && first)
  if (wanted && !text.startsWith(mark)) text = mark + text
  if (!step.split) {
    out.push(text)
    return
  }
  let begin = 0
  for (let at = text.indexOf(mark, 1); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    out.push(text.slice(begin, at))
    begin = at
  }
  out.push(text.slice(begin))
}
