import { join } from 'node:path'
import { mergeLora, peftTensorName } from '../../core/adapters/index.ts'
import { openSafetensors } from '../../core/formats/safetensors/index.ts'
import { diskFiles } from '../../core/kit/index.ts'
import {
  adapterLayout,
  loadWeights,
  loraScale,
  modulesOf,
  openModel,
  readModelJson,
  type StaticSources,
  type WeightStore,
} from '../../core/models/index.ts'
import { adamW, adapterState, clipFactor, gradientNorm, StepEngine } from '../../core/train/index.ts'
import { asPadded, fullForward, greedy, labelled, lossAndGradient, lossLayout } from './compute.ts'
import { openReference, type Reference, siblingOf } from './reference.ts'
import { absoluteError, differences, distance, type ParityReport, Report, relativeError } from './report.ts'

/** Recomputes everything a model folder recorded; a sharded folder takes records and adapter from its sibling. */
export async function checkModelFolder(folder: string): Promise<ParityReport> {
  const model = openModel(folder)
  try {
    const records = diskFiles.exists(join(folder, 'reference.safetensors')) ? folder : siblingOf(folder)
    const reference = openReference(records)
    try {
      const report = new Report(folder, model.config.family)
      const weights = loadWeights(model.config, model.tensors)
      const base: StaticSources = { config: model.config, weights, adapter: null }
      await checkForward(report, base, reference)
      await checkDecode(report, base, reference)
      const tuned = withAdapter(base, join(records, 'adapter'))
      await checkAdapter(report, tuned, reference)
      await checkTraining(report, tuned, reference)
      await checkMerged(report, tuned, reference)
      report.account(reference.unread())
      return report.finish()
    } finally {
      reference.close()
    }
  } finally {
    model.close()
  }
}

/** The base with the adapter of a PEFT folder. */
export function withAdapter(base: StaticSources, folder: string): StaticSources {
  const config = readModelJson(folder, 'adapter_config.json')
  const layout = adapterLayout(base.config, {
    rank: Number(config.r),
    alpha: Number(config.lora_alpha),
    dropout: 0,
    modules: modulesOf(config.target_modules as string[]),
  })
  const file = openSafetensors(join(folder, 'adapter_model.safetensors'))
  const values = new Float32Array(layout.size)
  for (const tensor of layout.tensors)
    values.set(file.readFloat32(peftTensorName(tensor.path, tensor.factor)), tensor.offset)
  file.close()
  return { ...base, adapter: { layout, values } }
}

async function checkForward(report: Report, base: StaticSources, reference: Reference): Promise<void> {
  const out = await fullForward(base, reference.rows('input_ids'))
  report.add('logits', relativeError(out.logits as Float32Array, reference.floats('logits')), 1e-4)
  const states: [string, Float32Array][] = [
    ['hidden.embed', out.embed as Float32Array],
    ['hidden.final_norm', out.final_norm as Float32Array],
    ...Array.from({ length: base.config.layers }, (_, i): [string, Float32Array] => [
      `hidden.layer${i}`,
      out[`hidden.${i}`] as Float32Array,
    ]),
  ]
  report.add('hidden', Math.max(...states.map(([name, values]) => relativeError(values, reference.floats(name)))), 1e-4)

  const { ids, mask } = padded(reference)
  const free = await fullForward(base, ids)
  const V = base.config.vocab
  const expected = reference.floats('padded.logits')
  const kept = mask.flatMap((row, b) => row.flatMap((m, t) => (m === 1 ? [(b * row.length + t) * V] : [])))
  const wanted = Float32Array.from(kept.flatMap((at) => Array.from(expected.subarray(at, at + V))))
  report.add('padded.logits', relativeError(free.logits as Float32Array, wanted), 1e-4)
}

/** The padded rows without their pads: positions count from the first real token, exactly as recorded. */
function padded(reference: Reference): { ids: number[][]; mask: number[][] } {
  const mask = reference.rows('padded.attention_mask')
  const ids = reference.rows('padded.input_ids').map((row, b) => row.filter((_, t) => mask[b]![t] === 1))
  return { ids, mask }
}

async function checkDecode(report: Report, base: StaticSources, reference: Reference): Promise<void> {
  const count = reference.shape('decode.ids')[1]!
  const results = []
  for (const prompt of reference.rows('input_ids')) results.push(await greedy(base, prompt, count))
  report.equal(
    'decode.ids',
    differences(
      results.flatMap((r) => r.ids),
      reference.integers('decode.ids'),
    ),
  )
  const logits = Float32Array.from(results.flatMap((r) => r.logits.flatMap((row) => Array.from(row))))
  report.add('decode.logits', relativeError(logits, reference.floats('decode.logits')), 1e-4)
}

async function checkAdapter(report: Report, tuned: StaticSources, reference: Reference): Promise<void> {
  const ids = reference.rows('input_ids')
  const out = await fullForward(tuned, ids)
  report.add('lora.logits', relativeError(out.logits as Float32Array, reference.floats('lora.logits')), 1e-4)
  const rows = labelled(ids, reference.rows('labels'), 1)
  // Both ways of cutting the model must agree with the reference: all layers in one graph, and one layer at a time with recompute.
  const { loss, gradient } = await lossAndGradient(tuned, rows, { topLayers: tuned.config.layers })
  report.add('lora.loss', relativeError([loss], reference.floats('lora.loss')), 1e-5)
  const paddedRows = labelled(reference.rows('padded.input_ids'), reference.rows('padded.labels'), 1)
  const adjust = asPadded(reference.rows('padded.attention_mask'), reference.rows('padded.position_ids'))
  const paddedLoss = await lossAndGradient(tuned, paddedRows, { topLayers: 1, adjust })
  report.add('lora.padded_loss', relativeError([paddedLoss.loss], reference.floats('lora.padded_loss')), 1e-5)
  const segmented = await lossAndGradient(tuned, rows, { topLayers: 1 })
  let worst = 0
  const largest = Math.max(
    ...tuned.adapter!.layout.tensors.map((t) =>
      maxAbs(reference.floats(`lora.grad.${peftTensorName(t.path, t.factor)}`)),
    ),
  )
  for (const flat of [gradient, segmented.gradient]) {
    for (const tensor of tuned.adapter!.layout.tensors) {
      const values = flat.subarray(tensor.offset, tensor.offset + tensor.size)
      const expected = reference.floats(`lora.grad.${peftTensorName(tensor.path, tensor.factor)}`)
      // A tensor whose gradient is tiny against the others is held to an absolute limit of 1e-6 instead.
      const tiny = maxAbs(expected) < 1e-3 * largest && absoluteError(values, expected) <= 1e-6
      // Two limits: 1e-3 for the largest element, 1e-4 for the whole tensor, here brought to the same scale.
      worst = Math.max(worst, tiny ? 0 : Math.max(relativeError(values, expected), 10 * distance(values, expected)))
    }
  }
  report.add('lora.grad', worst, 1e-3)
}

function maxAbs(values: Float32Array): number {
  return values.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
}

async function checkTraining(report: Report, tuned: StaticSources, reference: Reference): Promise<void> {
  const { layout, values } = tuned.adapter!
  const state = adapterState(values.slice())
  const sources: StaticSources = { ...tuned, adapter: { layout, values: state.values } }
  const rows = labelled(reference.rows('input_ids'), reference.rows('labels'), 1)
  const engine = await StepEngine.open(sources, {
    layout: lossLayout(rows),
    threads: 1,
    seed: 0,
    topLayers: sources.config.layers,
  })
  const losses: number[] = []
  const norms: number[] = []
  const rates = reference.doubles('lora.train.lrs')
  for (let step = 0; step <= rates.length; step++) {
    const { loss, gradient } = await lossAndGradient(sources, rows, { topLayers: sources.config.layers, engine })
    losses.push(loss)
    if (step === rates.length) break
    const norm = gradientNorm(gradient)
    norms.push(norm)
    state.gradient.set(gradient)
    adamW(state, { learningRate: rates[step]!, weightDecay: 0.01, gradientScale: clipFactor(norm, 1), count: step + 1 })
  }
  await engine.close()
  const worstOf = (actual: number[], expected: Float64Array): number =>
    Math.max(...actual.map((v, i) => Math.abs(v - expected[i]!) / Math.abs(expected[i]!)))
  const lossError = Math.max(
    worstOf(losses, reference.doubles('lora.train.losses')),
    worstOf(norms, reference.doubles('lora.train.grad_norms')),
  )
  report.add('lora.train.losses', lossError, 1e-4)
  report.add('lora.train.final', finalError(reference, layout, state.values), 1e-4)
}

/**
 * Largest absolute difference after training. Adam divides by the gradient's own size, so an element whose gradient
 * is below 1e-6 has an arbitrary direction: its difference counts a tenth (limit 1e-3 instead of 1e-4).
 */
function finalError(
  reference: Reference,
  layout: NonNullable<StaticSources['adapter']>['layout'],
  values: Float32Array,
): number {
  let worst = 0
  for (const tensor of layout.tensors) {
    const expected = reference.floats(`lora.train.final.${peftTensorName(tensor.path, tensor.factor)}`)
    const gradient = reference.floats(`lora.grad.${peftTensorName(tensor.path, tensor.factor)}`)
    expected.forEach((v, i) => {
      const difference = Math.abs(values[tensor.offset + i]! - v)
      worst = Math.max(worst, Math.abs(gradient[i]!) < 1e-6 ? difference / 10 : difference)
    })
  }
  return worst
}

/** Merges the adapter into the weights and computes without it. */
async function checkMerged(report: Report, tuned: StaticSources, reference: Reference): Promise<void> {
  const { layout, values } = tuned.adapter!
  const merged = new Map<string, Float32Array>()
  for (const [i, a] of layout.tensors.entries()) {
    if (a.factor !== 'A') continue
    const b = layout.tensors[i + 1]!
    const [A, B] = [a, b].map((t) => ({ shape: t.shape, data: values.subarray(t.offset, t.offset + t.size) }))
    const name = `${a.path}.weight`
    const weight = { shape: [b.shape[0], a.shape[1]] as const, data: tuned.weights.get(name) }
    merged.set(name, mergeLora(weight, A!, B!, loraScale(layout.spec)))
  }
  const weights: WeightStore = { ...tuned.weights, get: (name) => merged.get(name) ?? tuned.weights.get(name) }
  const out = await fullForward({ ...tuned, weights, adapter: null }, reference.rows('input_ids'))
  report.add(
    'lora.merged_logits',
    relativeError(out.logits as Float32Array, reference.floats('lora.merged_logits')),
    1e-4,
  )
}
