import type { CancelToken } from '../kit/index.ts'
import {
  type AdapterLayout,
  type BatchArrays,
  embed,
  type Layout,
  type LoraSpec,
  type StaticSources,
  tokenRows,
} from '../models/index.ts'
import { type BoundSession, type Buffer, batchTensors, type Tensor, tensorOf } from '../runtime/index.ts'
import { fillKeep } from './dropout.ts'
import { type Cut, lowerLayerCount, openTraining, type TrainingSessions } from './segments.ts'

export interface StepEngineOptions extends Cut {
  readonly layout: Layout
  readonly threads: number
  readonly seed: number
}

/** Computes loss and adapter gradients of one micro-batch. Gradients are added onto a flat vector. */
export class StepEngine {
  readonly #sources: StaticSources
  readonly #adapter: AdapterLayout
  readonly #options: StepEngineOptions
  readonly #sessions: TrainingSessions
  readonly #hidden: Float32Array<ArrayBuffer>
  readonly #keep = new Map<string, Uint8Array>()
  readonly #offsets: ReadonlyMap<string, number>

  private constructor(sources: StaticSources, options: StepEngineOptions, sessions: TrainingSessions) {
    this.#sources = sources
    this.#adapter = sources.adapter!.layout
    this.#options = options
    this.#sessions = sessions
    this.#hidden = new Float32Array(tokenRows(options.layout) * sources.config.hidden)
    this.#offsets = new Map(this.#adapter.tensors.map((t) => [`${t.layer}.${t.module}.lora_${t.factor}`, t.offset]))
  }

  static async open(sources: StaticSources, options: StepEngineOptions): Promise<StepEngine> {
    const sessions = await openTraining(sources, options.layout, sources.adapter!.layout.spec, options)
    return new StepEngine(sources, options, sessions)
  }

  /**
   * Adds the gradients of this micro-batch's weighted loss onto `gradient` and returns that loss. `place` (step,
   * micro-batch number) selects the dropout masks. Cancellation is asked for between sessions.
   */
  async accumulate(
    batch: BatchArrays,
    gradient: Float32Array,
    place: readonly number[],
    cancel: CancelToken,
  ): Promise<number> {
    const { config, weights } = this.#sources
    const { top, lower } = this.#sessions
    const lowerLayers = lowerLayerCount(config, this.#options)
    const shared = batchTensors(this.#options.layout, batch)
    embed(batch.tokens, weights.get('model.embed_tokens.weight'), config.hidden, this.#hidden)

    const states: Tensor[] = [tensorOf(this.#hidden, [tokenRows(this.#options.layout), config.hidden])]
    for (let layer = 0; layer < lowerLayers; layer++) {
      cancel.throwIfRequested()
      const out = await this.#run(lower!.forward, layer, 1, place, { ...shared, hidden: states[layer]! })
      states.push(tensorOf(out.hidden!, states[0]!.dims))
    }
    cancel.throwIfRequested()
    const result = await this.#run(top, lowerLayers, this.#options.topLayers, place, {
      ...shared,
      hidden: states[lowerLayers]!,
    })
    this.#collect(result, lowerLayers, gradient)
    let upstream = result['grad.hidden']
    for (let layer = lowerLayers - 1; layer >= 0; layer--) {
      cancel.throwIfRequested()
      const feeds = { ...shared, hidden: states[layer]!, 'grad.out': tensorOf(upstream!, states[0]!.dims) }
      const out = await this.#run(layer === 0 ? lower!.bottom : lower!.backward, layer, 1, place, feeds)
      this.#collect(out, layer, gradient)
      upstream = out['grad.hidden']
      states.length = layer
    }
    return Number(result.loss![0])
  }

  async #run(
    bound: BoundSession,
    firstLayer: number,
    layers: number,
    place: readonly number[],
    feeds: Record<string, Tensor>,
  ): Promise<Record<string, Buffer>> {
    const { spec } = this.#adapter
    const masks = spec.dropout > 0 ? this.#masks(bound, firstLayer, layers, place, spec) : {}
    return bound.run(firstLayer, { ...feeds, ...masks })
  }

  #masks(
    bound: BoundSession,
    firstLayer: number,
    layers: number,
    place: readonly number[],
    spec: LoraSpec,
  ): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {}
    for (const { name, shape } of bound.graph.inputs) {
      if (!name.endsWith('.keep')) continue
      const [, relative, module] = /^layers\.(\d+)\.(.+)\.keep$/.exec(name)!
      const size = shape.reduce((n, d) => n * d, 1)
      // Single-layer sessions reuse one mask buffer for all layers; the masks themselves are regenerated.
      const key = `${layers}/${name}/${size}`
      let keep = this.#keep.get(key)
      if (keep === undefined) {
        keep = new Uint8Array(size)
        this.#keep.set(key, keep)
      }
      fillKeep(keep, spec.dropout, this.#options.seed, [...place, firstLayer + Number(relative), module!])
      feeds[name] = tensorOf(keep, shape)
    }
    return feeds
  }

  /** Adds every `grad.layers.<i>.…` output onto its place in the flat vector. */
  #collect(outputs: Record<string, Buffer>, firstLayer: number, gradient: Float32Array): void {
    for (const [name, values] of Object.entries(outputs)) {
      const [, relative, rest] = /^grad\.layers\.(\d+)\.(.+)$/.exec(name) ?? []
      if (rest === undefined) continue
      const offset = this.#offsets.get(`${Number(relative) + firstLayer}.${rest}`)!
      const grad = values as Float32Array
      for (let i = 0; i < grad.length; i++) gradient[offset + i]! += grad[i]!
    }
  }

  async close(): Promise<void> {
    const { top, lower } = this.#sessions
    await top.release()
    for (const bound of lower === null ? [] : [lower.forward, lower.backward, lower.bottom]) await bound.release()
  }
}
