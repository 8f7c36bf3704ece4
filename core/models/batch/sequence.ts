/**
 * The own tokens of one row behind the shared prefix. Usually a chain (each token follows the one before); for label
 * scoring a tree (all labels branch off one prompt), described by `parents`.
 */
export interface TokenSequence {
  readonly ids: ArrayLike<number>
  /** Index of the token each one follows, −1 for the end of the prefix; null: a chain. Parents come before children. */
  readonly parents: ArrayLike<number> | null
  /** Tokens to predict (indices into ids); each is predicted from its parent. */
  readonly predicted: readonly number[]
  /** Weight of this row's tokens in the loss, before normalisation. */
  readonly weight: number
}

/** A chain of tokens of which those from `firstPredicted` up to (not including) `end` are predicted. */
export function chain(ids: ArrayLike<number>, firstPredicted: number, end: number, weight = 1): TokenSequence {
  const predicted = Array.from({ length: Math.max(0, end - firstPredicted) }, (_, i) => firstPredicted + i)
  return { ids, parents: null, predicted, weight }
}

/** One or more full token lists that branch off each other: a trie, so that what they share is computed once. */
export interface TokenTree {
  readonly ids: number[]
  readonly parents: number[]
  /** For every list, the tree indices of its tokens. */
  readonly paths: number[][]
}

export function tokenTree(lists: readonly ArrayLike<number>[]): TokenTree {
  const ids: number[] = []
  const parents: number[] = []
  const children = new Map<string, number>()
  const paths = lists.map((list) => {
    let at = -1
    return Array.from(list, (id) => {
      const key = `${at}/${id}`
      const known = children.get(key)
      if (known !== undefined) {
        at = known
        return at
      }
      ids.push(id)
      parents.push(at)
      at = ids.length - 1
      children.set(key, at)
      return at
    })
  })
  return { ids, parents, paths }
}

/** Length of the longest common prefix of token lists, at most `limit`. */
export function commonPrefix(lists: readonly ArrayLike<number>[], limit = Number.POSITIVE_INFINITY): number {
  const first = lists[0]
  if (first === undefined) return 0
  let length = Math.min(first.length, limit)
  for (const list of lists) {
    let i = 0
    while (i < length && i < list.length && list[i] === first[i]) i++
    length = i
  }
  return length
}
