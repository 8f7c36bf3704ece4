import { AppError, type CancelToken } from '../kit/index.ts'
import { batchArrays, chain, decodeStep, embed, type Layout, type StaticSources } from '../models/index.ts'
import { type BoundSession, batchTensors, type Tensor, tensorOf } from '../runtime/index.ts'
import { openInference } from './open.ts'

/** Tokens of one prefill run: long enough to use the cores, short enough to cancel between runs. */
const chunkTokens = 64

interface LayerCache {
  /** [Hk, capacity, D] */
  readonly k: Float32Array<ArrayBuffer>
  readonly v: Float32Array<ArrayBuffer>
}

/**
 * Incremental decoding of one sequence over a key/value cache. The cache arrays are fed without a copy; a run returns
 * only the new rows, which are written behind the others.
 */
export class Decoder {
  readonly #sources: StaticSources
  readonly #capacity: number
  readonly #sessions: { readonly chunk: BoundSession; readonly single: BoundSession }
  readonly #cache: readonly LayerCache[]
  readonly #mask: Float32Array<ArrayBuffer>
  readonly #cacheFeeds: Record<string, Tensor>
  #length = 0

  private constructor(
    sources: StaticSources,
    capacity: number,
    sessions: { chunk: BoundSession; single: BoundSession },
  ) {
    const { kvHeads, headDim, layers } = sources.config
    this.#sources = sources
    this.#capacity = capacity
    this.#sessions = sessions
    const size = kvHeads * capacity * headDim
    this.#cache = Array.from({ length: layers }, () => ({ k: new Float32Array(size), v: new Float32Array(size) }))
    this.#mask = new Float32Array(capacity).fill(-1e9)
    const shape = [kvHeads, capacity, headDim]
    this.#cacheFeeds = { 'cache.mask': tensorOf(this.#mask, [capacity]) }
    this.#cache.forEach(({ k, v }, i) => {
      this.#cacheFeeds[`cache.${i}.k`] = tensorOf(k, shape)
      this.#cacheFeeds[`cache.${i}.v`] = tensorOf(v, shape)
    })
  }

  /** `capacity`: most tokens of prompt and answer together. */
  static async open(sources: StaticSources, options: { capacity: number; threads: number }): Promise<Decoder> {
    const capacity = Math.ceil(options.capacity / 64) * 64
    const session = (binLength: number) =>
      openInference(sources, layoutOf(binLength), decodeStep, { threads: options.threads, cacheCapacity: capacity })
    return new Decoder(sources, capacity, { chunk: await session(chunkTokens), single: await session(1) })
  }

  get length(): number {
    return this.#length
  }

  /** Appends tokens and returns the logits [V] after the last one. */
  async append(tokens: ArrayLike<number>, cancel: CancelToken): Promise<Float32Array> {
    if (this.#length + tokens.length > this.#capacity) {
      throw new AppError('engine.context_full', { tokens: this.#length + tokens.length, capacity: this.#capacity })
    }
    let logits = new Float32Array()
    for (let at = 0; at < tokens.length; ) {
      cancel.throwIfRequested()
      const rest = tokens.length - at
      const n = rest === 1 ? 1 : Math.min(rest, chunkTokens)
      logits = await this.#run(Array.prototype.slice.call(tokens, at, at + n))
      at += n
    }
    return logits
  }

  /** Forgets everything; sessions stay open. */
  reset(): void {
    this.#length = 0
    this.#mask.fill(-1e9)
  }

  async #run(tokens: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
    const { config, weights } = this.#sources
    const S = tokens.length === 1 ? 1 : chunkTokens
    const layout = layoutOf(S)
    const batch = batchArrays(layout, [], [[chain(tokens, 0, 0)]], this.#length)
    batch.rows[0] = BigInt(tokens.length - 1)
    const hidden = embed(batch.tokens, weights.get('model.embed_tokens.weight'), config.hidden)
    const session = S === 1 ? this.#sessions.single : this.#sessions.chunk
    const out = await session.run(0, {
      ...batchTensors(layout, batch),
      ...this.#cacheFeeds,
      hidden: tensorOf(hidden, [S, config.hidden]),
    })
    this.#cache.forEach((cache, i) => {
      this.#store(cache.k, out[`k.${i}`] as Float32Array, tokens.length)
      this.#store(cache.v, out[`v.${i}`] as Float32Array, tokens.length)
    })
    this.#mask.fill(0, this.#length, this.#length + tokens.length)
    this.#length += tokens.length
    return out.logits as Float32Array<ArrayBuffer>
  }

  /** Writes rows [n, Hk·D] behind the cached ones of every head. */
  #store(cache: Float32Array, rows: Float32Array, n: number): void {
    const { kvHeads, headDim: D } = this.#sources.config
    for (let t = 0; t < n; t++) {
      for (let h = 0; h < kvHeads; h++) {
        const from = (t * kvHeads + h) * D
        cache.set(rows.subarray(from, from + D), (h * this.#capacity + this.#length + t) * D)
      }
    }
  }

  async close(): Promise<void> {
    await this.#sessions.chunk.release()
    await this.#sessions.single.release()
  }
}

function layoutOf(binLength: number): Layout {
  return { prefix: 0, bins: 1, binLength, predictions: 1 }
}
