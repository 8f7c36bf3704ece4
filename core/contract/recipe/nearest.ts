/** Edits (insert, delete, replace, swap of neighbours) between two short words: optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(replace, rows[i - 1]![j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      }
      row.push(best)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** `learning_rate`, `learning-rate` and `LearningRate` are one word. */
const plain = (word: string): string => word.toLowerCase().replace(/[_\- ]/g, '')

/** The candidate that is most like `word`; the first one wins a draw. Undefined only without candidates. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const short = plain(word.slice(0, 64)) // a longer word is no typing mistake, and the table below is quadratic
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(short, plain(candidate))
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** True when both words differ only in case, underscores, hyphens and spaces. */
export function sameWord(a: string, b: string): boolean {
  return plain(a) === plain(b)
}
