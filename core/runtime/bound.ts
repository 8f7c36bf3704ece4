import { openSession, type RunnableGraph, type Session, type Tensor, tensorOf } from './session.ts'

/** Arrays by input name. */
export type NamedArrays = ReadonlyMap<string, { readonly data: Float32Array; readonly shape: readonly number[] }>

/** One open session with the feeds that never change for one position in the model. */
export interface BoundSession {
  readonly graph: RunnableGraph
  /** Runs at a position: static feeds of `position` plus those of this batch; feeds the graph does not ask for are ignored. */
  run(position: number, feeds: Readonly<Record<string, Tensor>>): ReturnType<Session['run']>
  release(): Promise<void>
}

/**
 * Opens a graph whose static inputs (weights, tables, adapter matrices) come from `resolve(position)`. Tensors are
 * made once per position and point at the arrays themselves: one session serves every layer of the same shape.
 */
export async function bindSession(
  graph: RunnableGraph,
  resolve: (position: number) => NamedArrays,
  threads: number,
): Promise<BoundSession> {
  const session = await openSession(graph, { threads })
  const statics = new Map<number, Record<string, Tensor>>()
  const at = (position: number): Record<string, Tensor> => {
    let made = statics.get(position)
    if (made === undefined) {
      made = Object.fromEntries([...resolve(position)].map(([name, { data, shape }]) => [name, tensorOf(data, shape)]))
      statics.set(position, made)
    }
    return made
  }
  return {
    graph,
    run(position, feeds) {
      const fixed = at(position)
      return session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] ?? fixed[name]!])))
    },
    release: () => session.release(),
  }
}
