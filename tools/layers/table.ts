/**
 * Who may import whom: the table of docs/architecture.md as data. Imports go down only; modules of one level are
 * siblings and do not import each other.
 */
export interface ModuleRule {
  level: number
  /** Outside packages that this module, and no other of the core, may import. */
  packages: readonly string[]
  /** Parts of Node beyond those that are free everywhere. */
  node: readonly string[]
  /** Single files above or beside that this module may import all the same. */
  also?: readonly string[]
}

const rule = (level: number, packages: readonly string[] = [], node: readonly string[] = []): ModuleRule => ({
  level,
  packages,
  node,
})

export const MODULES: Readonly<Record<string, ModuleRule>> = {
  'core/kit': rule(0, [], ['fs', 'crypto', 'os', 'perf_hooks']),
  // The error type and the cancel token are plain data without any part of Node, so the renderer may load them too.
  'core/contract': { ...rule(0, ['zod']), also: ['core/kit/error.ts', 'core/kit/cancel.ts'] },
  'core/formats': rule(1, ['csv-parse', 'yaml', 'yauzl', 'yazl'], ['zlib']),
  'core/graph': rule(1),
  'core/text': rule(1, ['@huggingface/jinja']),
  'core/store': rule(1, ['better-sqlite3']),
  'core/emit': rule(2),
  'core/runtime': rule(2, ['onnxruntime-node', 'onnxruntime-common'], ['os']),
  'core/models': rule(2),
  'core/data': rule(2),
  'core/train': rule(3),
  'core/infer': rule(3),
  'core/adapters': rule(3, [], ['crypto']),
  'core/eval': rule(4),
  'core/align': rule(5),
  'core/report': rule(5),
  'core/app': rule(6),
  'core/host': rule(7, ['ws'], ['http', 'child_process', 'worker_threads']),
  // Above host, so that the command line may start job processes through it.
  'core/cli': rule(8, ['commander'], ['os']),
}

/** The two shells around the core, and all they may know of it. */
export const SHELLS: Readonly<
  Record<string, { modules: readonly string[]; packages: readonly string[]; node: readonly string[] }>
> = {
  electron: { modules: ['core/host', 'core/contract'], packages: ['electron'], node: ['fs', 'os', 'crypto'] },
  renderer: {
    modules: ['core/contract'],
    packages: ['react', 'react-dom', 'zustand', 'antd', '@ant-design/icons', 'echarts', 'i18next', 'react-i18next'],
    node: [],
  },
}

/** Parts of Node without effects: free everywhere but in the renderer. */
export const FREE_NODE: readonly string[] = ['path', 'url', 'util', 'buffer', 'stream']

/** Folders that may import anything. */
export const FREE_FOLDERS: readonly string[] = ['tests', 'tools', 'bench']

/** Single files that may reach outside the modules, with what they may reach. */
export const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'core/cli/program.ts': ['package.json'], // the version
}

/** Files whose import has a computed address, and why. */
export const COMPUTED_IMPORTS: readonly string[] = [
  'core/cli/commands/model-fetch.ts', // tools/fetch exists in the repository only, never in the packaged application
]

/** Words that only these modules may write, and what to use instead. */
export const RESERVED: readonly { words: string; modules: readonly string[]; instead: string }[] = [
  { words: 'Date.now', modules: ['core/kit'], instead: 'systemClock of core/kit' },
  { words: 'new Date()', modules: ['core/kit'], instead: 'systemClock of core/kit' },
  { words: 'performance.now', modules: ['core/kit'], instead: 'systemClock of core/kit' },
  { words: 'Math.random', modules: ['core/kit'], instead: 'randomStream of core/kit' },
  { words: 'console.', modules: ['core/cli'], instead: 'io.log, which the command line shows' },
  // P-02: no code path can open an outside socket. The loopback transport of host is built on node:http alone.
  { words: 'fetch(', modules: [], instead: 'nothing: the product opens no connection' },
  { words: 'new WebSocket', modules: ['renderer'], instead: 'nothing: the product opens no connection' },
  { words: 'new EventSource', modules: [], instead: 'nothing: the product opens no connection' },
  { words: 'new XMLHttpRequest', modules: [], instead: 'nothing: the product opens no connection' },
  // Nothing that came from a file is ever run.
  { words: 'eval(', modules: [], instead: 'nothing: no text is ever executed' },
  { words: 'new Function', modules: [], instead: 'nothing: no text is ever executed' },
]
