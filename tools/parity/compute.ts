import { argMax, Decoder, openInference } from '../../core/infer/index.ts'
import { neverCancelled } from '../../core/kit/index.ts'
import {
  type BatchArrays,
  batchArrays,
  chain,
  embed,
  type Layout,
  logitsAt,
  type StaticSources,
  type TokenSequence,
  tokenRows,
} from '../../core/models/index.ts'
import { type Buffer, batchTensors, tensorOf } from '../../core/runtime/index.ts'
import { StepEngine } from '../../core/train/index.ts'

/** Logits and hidden states of whole rows, one bin a row, no shared prefix. `rows` may differ in length; results are [B·T, …] without padding. */
export async function fullForward(
  sources: StaticSources,
  rows: readonly (readonly number[])[],
): Promise<Record<string, Buffer>> {
  const S = Math.max(...rows.map((r) => r.length))
  const places = rows.flatMap((row, b) => row.map((_, t) => BigInt(b * S + t)))
  const layout: Layout = { prefix: 0, bins: rows.length, binLength: S, predictions: places.length }
  const session = await openInference(sources, layout, (ctx) => logitsAt(ctx, true), { threads: 1 })
  const batch = {
    ...batchArrays(
      layout,
      [],
      rows.map((r) => [chain(r, 0, 0)]),
    ),
    rows: BigInt64Array.from(places),
  }
  const { config, weights } = sources
  const hidden = embed(batch.tokens, weights.get('model.embed_tokens.weight'), config.hidden)
  const out = await session.run(0, {
    ...batchTensors(layout, batch),
    hidden: tensorOf(hidden, [tokenRows(layout), config.hidden]),
  })
  await session.release()
  return { ...out, embed: hidden }
}

/** Labelled rows as sequences: token t+1 is predicted where its label is not −100. */
export function labelled(
  ids: readonly (readonly number[])[],
  labels: readonly (readonly number[])[],
  weight: number,
): TokenSequence[] {
  return ids.map((row, b) => ({
    ids: row,
    parents: null,
    predicted: row.map((_, t) => t).filter((t) => t > 0 && labels[b]![t] !== -100),
    weight,
  }))
}

/**
 * Turns plain rows into the recorded padded batch: given positions, pads invisible to real tokens. A pad's own row is
 * masked everywhere, which in float32 attends evenly to all places, as in the reference; its prediction of the first
 * real token is part of the recorded loss.
 */
export function asPadded(
  mask: readonly (readonly number[])[],
  positions: readonly (readonly number[])[],
): (batch: BatchArrays) => BatchArrays {
  return (batch) => {
    const S = mask[0]!.length
    const binMask = batch.binMask.slice()
    mask.forEach((row, b) => {
      for (let q = 0; q < S; q++) {
        for (let k = 0; k < S; k++) {
          const seen = row[q] === 1 && row[k] === 1 && k <= q
          binMask[(b * S + q) * S + k] = seen ? 0 : -1e9
        }
      }
    })
    return { ...batch, binMask, positions: BigInt64Array.from(positions.flat(), BigInt) }
  }
}

export function answerTokens(sequences: readonly TokenSequence[]): number {
  return sequences.reduce((n, s) => n + s.predicted.length, 0)
}

/** Mean loss over the answer tokens and its gradient over the flat adapter vector, one bin a row. */
export async function lossAndGradient(
  sources: StaticSources,
  sequences: readonly TokenSequence[],
  cut: {
    readonly topLayers: number
    readonly threads?: number
    readonly engine?: StepEngine
    readonly adjust?: (batch: BatchArrays) => BatchArrays
  },
): Promise<{ loss: number; gradient: Float32Array }> {
  const count = answerTokens(sequences)
  const layout = lossLayout(sequences)
  const engine =
    cut.engine ??
    (await StepEngine.open(sources, { layout, threads: cut.threads ?? 1, seed: 0, topLayers: cut.topLayers }))
  const gradient = new Float32Array(sources.adapter!.layout.size)
  const plain = batchArrays(
    layout,
    [],
    sequences.map((s) => [{ ...s, weight: 1 / count }]),
  )
  const batch = cut.adjust?.(plain) ?? plain
  const loss = await engine.accumulate(batch, gradient, [0], neverCancelled)
  if (cut.engine === undefined) await engine.close()
  return { loss, gradient }
}

export function lossLayout(sequences: readonly TokenSequence[]): Layout {
  return {
    prefix: 0,
    bins: sequences.length,
    binLength: Math.max(...sequences.map((s) => s.ids.length)),
    predictions: answerTokens(sequences),
  }
}

/** Greedy continuation over the key/value cache: ids and the logits that gave them. */
export async function greedy(
  sources: StaticSources,
  prompt: readonly number[],
  count: number,
): Promise<{ ids: number[]; logits: Float32Array[] }> {
  const decoder = await Decoder.open(sources, { capacity: prompt.length + count, threads: 1 })
  const ids: number[] = []
  const logits: Float32Array[] = []
  let next: readonly number[] = prompt
  for (let i = 0; i < count; i++) {
    const row = await decoder.append(next, neverCancelled)
    logits.push(row)
    ids.push(argMax(row))
    next = [ids[i]!]
  }
  await decoder.close()
  return { ids, logits }
}
