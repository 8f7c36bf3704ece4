import { gatherRows, gradients, type Node } from '../../graph/index.ts'
import { tokenRows } from '../batch/layout.ts'
import { decoderLayer, type GraphContext } from './decoder.ts'
import { finalNorm, logitsOf, targetLogProbs, weightedLoss } from './head.ts'

/** Named outputs of one graph, ready to be lowered. */
export type Outputs = Record<string, Node>

function hiddenInput({ config, inputs, layout }: GraphContext): Node {
  return inputs.get('hidden', [tokenRows(layout), config.hidden])
}

/** Forward through `count` layers; the last one only at the predicting rows when `toRows`. */
function forward(ctx: GraphContext, count: number, hidden: Node, toRows: boolean): Node {
  const rows = toRows ? ctx.inputs.get('rows', [ctx.layout.predictions], 'i64') : null
  let x = hidden
  for (let i = 0; i < count; i++) x = decoderLayer(ctx, i, x, i === count - 1 ? rows : null).hidden
  return count === 0 && rows !== null ? gatherRows(x, rows) : x
}

/** Gradients of all adapter matrices in the graph, named `grad.<input>`; and of `hidden` when asked. */
function adapterGradients(ctx: GraphContext, output: Node, gradient: Node, hidden: Node | null): Outputs {
  const matrices = ctx.inputs.matching(/\.lora_[AB]$/)
  const wrt = matrices.map(([, node]) => node)
  const results = gradients([{ output, gradient }], hidden === null ? wrt : [...wrt, hidden])
  const outputs: Outputs = Object.fromEntries(matrices.map(([name], i) => [`grad.${name}`, results[i]!]))
  if (hidden !== null) outputs['grad.hidden'] = results.at(-1)!
  return outputs
}

/** One lower segment forward: hidden [T, H] → hidden [T, H]. */
export function segmentForward(ctx: GraphContext, layers: number): Outputs {
  return { hidden: forward(ctx, layers, hiddenInput(ctx), false) }
}

/** One lower segment backward with recompute: hidden and the gradient of its output → adapter gradients and the gradient of hidden. */
export function segmentBackward(ctx: GraphContext, layers: number, needsHidden: boolean): Outputs {
  const hidden = hiddenInput(ctx)
  const output = forward(ctx, layers, hidden, false)
  const upstream = ctx.inputs.get('grad.out', output.shape)
  return adapterGradients(ctx, output, upstream, needsHidden ? hidden : null)
}

/** The top segment: forward, head, loss and backward in one run, nothing recomputed. */
export function topStep(ctx: GraphContext, layers: number, needsHidden: boolean): Outputs {
  const hidden = hiddenInput(ctx)
  const top = forward(ctx, layers, hidden, true)
  const normed = finalNorm(ctx, top)
  const { loss, gradient } = weightedLoss(ctx, normed)
  return { loss, ...adapterGradients(ctx, normed, gradient, needsHidden ? hidden : null) }
}

/** Scoring: −log p of every target, [N, 1]. */
export function scoreTargets(ctx: GraphContext): Outputs {
  const top = forward(ctx, ctx.config.layers, hiddenInput(ctx), true)
  return { entropy: targetLogProbs(ctx, finalNorm(ctx, top)) }
}

/** Logits [N, V] at the predicting rows; with `states`, also the hidden state after every layer (proofs). */
export function logitsAt(ctx: GraphContext, states: boolean): Outputs {
  if (!states) return { logits: logitsOf(ctx, finalNorm(ctx, forward(ctx, ctx.config.layers, hiddenInput(ctx), true))) }
  const outputs: Outputs = {}
  let x = hiddenInput(ctx)
  for (let i = 0; i < ctx.config.layers; i++) {
    x = decoderLayer(ctx, i, x).hidden
    outputs[`hidden.${i}`] = x
  }
  const normed = finalNorm(ctx, x)
  const rows = ctx.inputs.get('rows', [ctx.layout.predictions], 'i64')
  return { ...outputs, final_norm: normed, logits: logitsOf(ctx, gatherRows(normed, rows)) }
}

/** One decoding step over a cache: logits at the predicting rows and the new keys and values of every layer. */
export function decodeStep(ctx: GraphContext): Outputs {
  const outputs: Outputs = {}
  const rows = ctx.inputs.get('rows', [ctx.layout.predictions], 'i64')
  let x = hiddenInput(ctx)
  for (let i = 0; i < ctx.config.layers; i++) {
    const layer = decoderLayer(ctx, i, x, i === ctx.config.layers - 1 ? rows : null)
    outputs[`k.${i}`] = layer.k
    outputs[`v.${i}`] = layer.v
    x = layer.hidden
  }
  return { ...outputs, logits: logitsOf(ctx, finalNorm(ctx, x)) }
}
