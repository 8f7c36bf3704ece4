export interface NearDuplicate {
  first: number
  second: number
  similarity: number
}

/** Pairs of rows whose sets of n-unit shingles have a Jaccard similarity of at least `limit`. Units are words or characters. */
export function nearDuplicates(rows: readonly (readonly string[])[], n: number, limit: number): NearDuplicate[] {
  const sets = rows.map((units) => {
    const shingles = new Set<string>()
    for (let i = 0; i + n <= units.length; i++) shingles.add(units.slice(i, i + n).join(' '))
    // A row shorter than one shingle is its own shingle.
    return shingles.size > 0 ? shingles : new Set([units.join(' ')])
  })
  const found: NearDuplicate[] = []
  for (const [second, b] of sets.entries()) {
    for (let first = 0; first < second; first++) {
      const a = sets[first] as Set<string>
      let shared = 0
      for (const shingle of b) if (a.has(shingle)) shared++
      const similarity = shared / (a.size + b.size - shared)
      if (similarity >= limit) found.push({ first, second, similarity })
    }
  }
  return found
}
