import { normalize } from './normalize.ts'
import type { AddedToken, Normalizer } from './spec.ts'
import { type TrieNode, trieAdd, trieLongest, trieNode } from './trie.ts'

/** A stretch of text: an added token, or ordinary text (id -1). `begin` and `end` are UTF-16 offsets. */
export interface Stretch {
  readonly id: number
  readonly begin: number
  readonly end: number
}

const WORD = /[\p{L}\p{N}\p{M}\p{Pc}]/u

/** Finds added tokens in text: leftmost, and the longest of those that begin at one place. */
export class AddedTokenMatcher {
  readonly #root: TrieNode = trieNode()
  readonly #tokens: readonly AddedToken[]
  /** First UTF-16 units of all tokens: most positions are rejected by one look. */
  readonly #firsts = new Set<number>()

  constructor(tokens: readonly AddedToken[], normalizers: readonly Normalizer[]) {
    this.#tokens = tokens
    tokens.forEach((token, i) => {
      const content = token.normalized ? normalize(token.content, normalizers) : token.content
      if (content === '') return
      trieAdd(this.#root, content, i)
      this.#firsts.add(content.charCodeAt(0))
    })
  }

  get empty(): boolean {
    return this.#firsts.size === 0
  }

  /** Cuts the text into stretches that cover it without gaps. */
  split(text: string): Stretch[] {
    const out: Stretch[] = []
    let done = 0
    for (let at = 0; at < text.length; ) {
      const found = this.#firsts.has(text.charCodeAt(at)) ? trieLongest(this.#root, text, at) : undefined
      const token = found === undefined ? undefined : (this.#tokens[found.value] as AddedToken)
      if (found === undefined || token === undefined || (token.singleWord && !standsAlone(text, at, found.end))) {
        at++
        continue
      }
      let begin = at
      let end = found.end
      // A token may swallow the white space beside it, never that of the token before.
      if (token.lstrip) while (begin > done && /\p{White_Space}/u.test(text[begin - 1] as string)) begin--
      if (token.rstrip) while (end < text.length && /\p{White_Space}/u.test(text[end] as string)) end++
      if (begin > done) out.push({ id: -1, begin: done, end: begin })
      out.push({ id: token.id, begin, end })
      done = end
      at = end
    }
    if (done < text.length) out.push({ id: -1, begin: done, end: text.length })
    return out
  }
}

function standsAlone(text: string, begin: number, end: number): boolean {
  const low = /[\udc00-\udfff]/.test(text[begin - 1] ?? '')
  const before = text.slice(low ? begin - 2 : begin - 1, begin)
  const after = end < text.length ? String.fromCodePoint(text.codePointAt(end) as number) : ''
  return !(begin > 0 && WORD.test(before)) && !WORD.test(after)
}
