import type { CancelToken } from '../kit/index.ts'
import {
  batchArrays,
  commonPrefix,
  embed,
  type Layout,
  microBatches,
  packBins,
  type StaticSources,
  scoreTargets,
  type TokenSequence,
  type TokenTree,
  tokenRows,
  tokenTree,
} from '../models/index.ts'
import { batchTensors, tensorOf } from '../runtime/index.ts'
import { openInference } from './open.ts'

/** One row with all its candidate continuations: prompt and candidate tokenised together, and where the candidate begins. */
export interface ScoringRow {
  readonly candidates: readonly { readonly ids: ArrayLike<number>; readonly scoredFrom: number }[]
}

/** Log-probabilities of every scored token: [row][candidate][token]. */
export type TokenLogProbs = readonly (readonly (readonly number[])[])[]

/** Token rows aimed at in one micro-batch: enough to keep the cores busy, little memory. */
const targetTokenRows = 768

interface PreparedRow {
  readonly tree: TokenTree
  readonly sequence: TokenSequence
}

/** Takes the common prefix off and merges what a row's candidates share into one tree. */
function prepare(row: ScoringRow, P: number): PreparedRow {
  const tree = tokenTree(row.candidates.map((c) => Array.prototype.slice.call(c.ids, P)))
  const predicted = new Set<number>()
  row.candidates.forEach((c, i) => {
    for (const node of tree.paths[i]!.slice(c.scoredFrom - P)) predicted.add(node)
  })
  return {
    tree,
    sequence: { ids: tree.ids, parents: tree.parents, predicted: [...predicted].sort((a, b) => a - b), weight: 1 },
  }
}

function planLayout(prepared: readonly PreparedRow[], P: number): Layout {
  const longest = Math.max(...prepared.map((p) => p.sequence.ids.length))
  const binLength = Math.max(16, Math.ceil(longest / 8) * 8)
  const bins = Math.max(1, Math.min(prepared.length, Math.floor((targetTokenRows - P) / binLength)))
  const perBin = packBins(
    prepared.map((p) => p.sequence.ids.length),
    binLength,
  )
  const wanted = perBin
    .map((bin) => bin.reduce((n, i) => n + prepared[i]!.sequence.predicted.length, 0))
    .sort((a, b) => b - a)
  return { prefix: P, bins, binLength, predictions: wanted.slice(0, bins).reduce((a, b) => a + b, 0) }
}

/**
 * Scores candidates by the model: the prompt of a row is computed once for all of its candidates, the prompt prefix
 * that all rows share once per micro-batch. `progress` counts finished rows.
 */
export async function scoreCandidates(
  sources: StaticSources,
  rows: readonly ScoringRow[],
  io: { readonly threads: number; readonly cancel: CancelToken; readonly progress?: (rows: number) => void },
): Promise<TokenLogProbs> {
  const all = rows.flatMap((r) => r.candidates)
  if (all.length === 0) return rows.map(() => [])
  const P = commonPrefix(
    all.map((c) => c.ids),
    Math.min(...all.map((c) => c.scoredFrom)),
  )
  const prefix = Array.prototype.slice.call(all[0]!.ids, 0, P) as number[]
  const prepared = rows.map((row) => prepare(row, P))
  const layout = planLayout(prepared, P)
  const session = await openInference(sources, layout, scoreTargets, { threads: io.threads })
  const { config, weights } = sources
  const hidden = new Float32Array(tokenRows(layout) * config.hidden)
  const nodeLogProbs = prepared.map((p) => new Float64Array(p.tree.ids.length))
  const bins = packBins(
    prepared.map((p) => p.sequence.ids.length),
    layout.binLength,
  )
  let done = 0
  try {
    for (const micro of microBatches(
      bins,
      prepared.map((p) => p.sequence.predicted.length),
      layout,
    )) {
      io.cancel.throwIfRequested()
      const batch = batchArrays(
        layout,
        prefix,
        micro.map((bin) => bin.map((i) => prepared[i]!.sequence)),
      )
      embed(batch.tokens, weights.get('model.embed_tokens.weight'), config.hidden, hidden)
      const feeds = { ...batchTensors(layout, batch), hidden: tensorOf(hidden, [tokenRows(layout), config.hidden]) }
      const { entropy } = await session.run(0, feeds)
      const items = micro.flat()
      batch.origin.forEach(({ sequence, token }, n) => {
        nodeLogProbs[items[sequence]!]![token] = -Number(entropy![n])
      })
      done += items.length
      io.progress?.(done)
    }
  } finally {
    await session.release()
  }
  return rows.map((row, r) =>
    row.candidates.map((c, i) =>
      prepared[r]!.tree.paths[i]!.slice(c.scoredFrom - P).map((node) => nodeLogProbs[r]![node]!),
    ),
  )
}
