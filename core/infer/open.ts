import { emitGraph } from '../emit/index.ts'
import {
  type GraphContext,
  InputSet,
  type Layout,
  type Outputs,
  type StaticSources,
  staticArrays,
} from '../models/index.ts'
import { type BoundSession, bindSession } from '../runtime/index.ts'

/** Opens one inference graph: adapter inputs exist only when the sources hold an adapter; dropout never applies. */
export async function openInference(
  sources: StaticSources,
  layout: Layout,
  build: (ctx: GraphContext) => Outputs,
  options: { readonly threads: number; readonly cacheCapacity?: number },
): Promise<BoundSession> {
  const graph = emitGraph(
    build({
      config: sources.config,
      layout,
      lora: sources.adapter?.layout.spec ?? null,
      training: false,
      cacheCapacity: options.cacheCapacity ?? null,
      inputs: new InputSet(),
    }),
  )
  return bindSession(graph, (layer) => staticArrays(graph.inputs, sources, layer), options.threads)
}
