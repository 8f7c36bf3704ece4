import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scanImports } from '../../tools/layers/scan.ts'

/**
 * P-02: no code path of the product can open an outside socket. Every source of core/ (and of the shells around it)
 * is scanned for parts of Node and for globals that can reach a network. The one exception, tools/fetch, lies outside
 * these folders and is loaded only by the command that is named below.
 */
const root = resolve(import.meta.dirname, '../..')

/** Parts of Node that open sockets, resolve names or load code from an address. */
const networkModules =
  /^(node:)?(http|https|http2|net|tls|dns|dns\/promises|dgram|quic|inspector|inspector\/promises|cluster|repl)$/
/** Packages that exist to talk to others. `ws` is the loopback transport of the host module. */
const networkPackages =
  /^(undici|axios|got|node-fetch|cross-fetch|superagent|request|socket\.io.*|ws|grpc|@grpc\/.*|mqtt|nodemailer)$/
/** Globals that do the same without any import, and ways to a module around the scan. */
const networkWords = new Set([
  'fetch',
  'WebSocket',
  'WebSocketStream',
  'EventSource',
  'XMLHttpRequest',
  'sendBeacon',
  'RTCPeerConnection',
  'WebTransport',
  'createConnection',
  'getBuiltinModule',
  'createRequire',
  '_linkedBinding',
  'dlopen',
])

/** The transport on 127.0.0.1 may listen there; nothing else may. */
const loopback = { folder: 'core/host/', modules: /^(node:http|ws)$/ }
/** `airlock model fetch` loads tools/fetch by a computed address, so that the packaged program has nothing to load. */
const computed = ['core/cli/commands/model-fetch.ts']

function findings(file: string, source: string): string[] {
  const { imports, tokens } = scanImports(source)
  const found: string[] = []
  for (const { specifier, line } of imports) {
    if (specifier === undefined) {
      if (!computed.includes(file)) found.push(`${file}:${line} computed import`)
      continue
    }
    const name = specifier.startsWith('@')
      ? specifier.split('/').slice(0, 2).join('/')
      : specifier.startsWith('node:')
        ? specifier
        : specifier.split('/')[0]!
    const allowed = file.startsWith(loopback.folder) && loopback.modules.test(specifier)
    if (!allowed && (networkModules.test(specifier) || networkPackages.test(name)))
      found.push(`${file}:${line} ${specifier}`)
    if (/(^|\/)tools\/fetch(\/|$)/.test(specifier)) found.push(`${file}:${line} ${specifier}`)
  }
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || !networkWords.has(token.value)) return
    // A member or a key that happens to have the name (`command.fetch`, `fetch: '…'`) reaches nothing by itself.
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    const isMember = before?.kind === 'sign' && before.value === '.'
    const isGlobal =
      isMember && ['globalThis', 'window', 'self', 'global', 'process'].includes(tokens[at - 2]?.value ?? '')
    const isKey = after?.kind === 'sign' && after.value === ':'
    if ((!isMember || isGlobal) && !isKey) found.push(`${file}:${token.line} ${token.value}`)
  })
  return found
}

function sources(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return files
    .filter((f) => f.isFile() && /\.(ts|tsx|mts|js|mjs|cjs)$/.test(f.name) && !/\.test\.tsx?$/.test(f.name))
    .map((f) => relative(root, join(f.parentPath, f.name)).replaceAll('\\', '/'))
}

describe('P-02: no code path can open an outside socket', () => {
  it.each(['core', 'electron', 'renderer'])('%s', (folder) => {
    const files = sources(folder)
    if (folder === 'core') expect(files.length).toBeGreaterThan(200)
    expect(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))).toEqual([])
  })

  it('the scan bites', () => {
    const bad = [
      "import https from 'node:https'",
      "import { connect } from 'net'",
      "import { lookup } from 'node:dns/promises'",
      "export * from 'undici'",
      "const h = require('http')",
      "await import('node:tls')",
      'await import(name)',
      "await fetch('https://example.org')",
      "globalThis.fetch('https://example.org')",
      'const get = fetch',
      "new WebSocket('ws://example.org')",
      "process.getBuiltinModule('net')",
      "import { createRequire } from 'node:module'",
      "import { obtain } from '../../tools/fetch/index.ts'",
      "import http from 'node:http'",
    ]
    for (const source of bad) expect(findings('core/kit/bad.ts', source), source).toHaveLength(1)
    expect(findings('core/host/serve.ts', "import http from 'node:http'")).toEqual([])
    expect(findings('core/host/serve.ts', "import https from 'node:https'")).toHaveLength(1)
    expect(
      findings(
        'core/kit/good.ts',
        "import { join } from 'node:path'\n// fetch() in a comment\nconst t = 'fetch(x)'; parent.command('fetch'); a.fetch(1); const o = { fetch: 1 }",
      ),
    ).toEqual([])
  })

  it('the exception stays where it is: nothing else of tools/ opens connections, and its client is loaded by one command', () => {
    const files = sources('tools').filter(
      (file) => !file.startsWith('tools/fetch/') && !file.startsWith('tools/layers/'),
    )
    expect(
      files
        .flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))
        .filter((f) => !/computed import|createRequire|tools\/fetch|fetch\//.test(f)),
    ).toEqual([])
    for (const file of computed) expect(readFileSync(join(root, file), 'utf8')).toContain('tools/fetch/index.ts')
  })
})
