/**
 * The static shape of one micro-batch. Token rows are `[prefix P][bin 0: S][bin 1: S] …`, T = P + bins·S: the common
 * prompt prefix is computed once, the own tokens of the rows are packed into bins behind it.
 */
export interface Layout {
  /** P: tokens of the shared prefix; 0 when rows share nothing. */
  readonly prefix: number
  readonly bins: number
  /** S: tokens of one bin. */
  readonly binLength: number
  /** N: places at which the head predicts a token. */
  readonly predictions: number
}

/** T: all token rows of a micro-batch. */
export function tokenRows(layout: Layout): number {
  return layout.prefix + layout.bins * layout.binLength
}
