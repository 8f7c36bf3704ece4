import { invariant } from '../../kit/error.ts'

/**
 * First-fit decreasing: puts items of the given lengths into bins of `capacity`; returns the item indices of every
 * bin. Deterministic (ties in order of appearance); at most 11/9 of the optimum plus one bin.
 */
export function packBins(lengths: readonly number[], capacity: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b)
  const bins: number[][] = []
  const free: number[] = []
  for (const item of order) {
    const length = lengths[item]!
    invariant(length <= capacity, `a sequence of ${length} tokens does not fit a bin of ${capacity}`)
    let bin = free.findIndex((room) => room >= length)
    if (bin === -1) {
      bin = bins.length
      bins.push([])
      free.push(capacity)
    }
    bins[bin]!.push(item)
    free[bin]! -= length
  }
  return bins
}

/** One micro-batch: which items go into which bin. */
export type MicroBatch = readonly (readonly number[])[]

/**
 * Splits one effective batch into micro-batches of at most `bins` bins and at most `predictions` predicted tokens, so
 * that every one of them fits the same static layout.
 */
export function microBatches(
  bins: readonly (readonly number[])[],
  predicted: readonly number[],
  limit: { bins: number; predictions: number },
): MicroBatch[] {
  const result: (readonly number[])[][] = []
  let current: (readonly number[])[] = []
  let used = 0
  for (const bin of bins) {
    const wanted = bin.reduce((n, item) => n + predicted[item]!, 0)
    invariant(wanted <= limit.predictions, `a bin predicts ${wanted} tokens, the layout holds ${limit.predictions}`)
    if (current.length === limit.bins || used + wanted > limit.predictions) {
      result.push(current)
      current = []
      used = 0
    }
    current.push(bin)
    used += wanted
  }
  if (current.length > 0) result.push(current)
  return result
}
