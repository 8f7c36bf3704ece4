import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBench } from '../../bench/program.ts'
import type { CliHost } from '../../core/cli/host.ts'
import { runCli } from '../../core/cli/program.ts'
import { EXPORT_FORMATS, METRICS, parseRecipe, unavailableFeatures } from '../../core/contract/recipe/index.ts'
import { ggufTypes } from '../../core/formats/gguf/types.ts'
import { readYaml } from '../../core/formats/yaml/index.ts'
import { families } from '../../core/models/index.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { MODULES } from '../../tools/layers/table.ts'
import { anchors, codeBlocks, codeSpans, documents, links, projectFiles, read, root, tableRows } from './markdown.ts'

const files = projectFiles()

describe.each(documents())('%s', (document) => {
  const text = read(document)

  it('links to files and headings that exist', () => {
    const broken = links(text).filter((target) => {
      if (/^https?:/.test(target)) return false
      const [path, anchor] = target.split('#') as [string, string?]
      const file = path === '' ? document : join(dirname(document), path)
      if (!existsSync(join(root, file))) return true
      return anchor !== undefined && !anchors(read(file)).has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names files of the project by their real paths', () => {
    // NAME and NNN stand for names that a reader chooses.
    const named = codeSpans(text).filter(
      (span) => /^(core|tools|tests|bench|docs|resources)\/[\w./-]+$/.test(span) && !/N(NN|AME)/.test(span),
    )
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

it('finds links, files and commands in the README at all (these checks bite)', () => {
  const text = read('README.md')
  expect([links(text).length > 10, codeSpans(text).length > 40, commandLines(text).length > 20]).toEqual([
    true,
    true,
    true,
  ])
  expect(projectFiles().length).toBeGreaterThan(300)
  expect(anchors('## A b, *c*\n```\n# no\n```\n## 中文')).toEqual(new Set(['a-b-c', '中文']))
})

// ── commands ──

/** What `--help` prints for a command line; the exit code first. */
async function help(words: readonly string[], program = runCli): Promise<string> {
  let text = ''
  const stream = {
    columns: 200,
    isTTY: false,
    write(part: string) {
      text += part
      return true
    },
  }
  const host: CliHost = {
    stdout: stream,
    stderr: stream,
    stdin: (async function* () {})(),
    surroundings: { env: { AIRLOCK_LANG: 'en' }, platform: 'linux', home: root },
    systemLocale: 'en',
    clock: { now: () => 0, seconds: () => 0, every: () => () => {} },
    createApp: () => {
      throw new Error('help needs no application')
    },
    onInterrupt: () => () => {},
    kill: () => {},
  }
  return `${await program([...words, '--help'], host)}\n${text}`
}

/** Command lines in code: those of `npm` and those of `airlock` itself, without comments. */
function commandLines(markdown: string): string[] {
  const shell = codeBlocks(markdown, 'sh').flatMap((block) => block.split(/\n|&&/))
  return [...shell, ...codeSpans(markdown)]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => /^(npm|airlock) /.test(line))
}

describe.each(documents())('commands in %s', (document) => {
  const lines = commandLines(read(document))

  it('are scripts of the project', () => {
    const unknown = lines.filter((line) => {
      const script = /^npm run (?:-s )?([\w:]+)/.exec(line)?.[1]
      if (script !== undefined) return !Object.hasOwn(packageFile.scripts, script)
      return line.startsWith('npm ') && !/^npm (ci|test|run)$/.test(line)
    })
    expect(unknown).toEqual([])
  })

  it('are commands and options of the command line', async () => {
    for (const line of lines) {
      const own = /^(?:npm run -s airlock -- |airlock )(.+)$/.exec(line)?.[1]
      if (own === undefined || own === '…') continue
      const words = own.split(/\s+/)
      const path = words.slice(0, words.findIndex((word) => !/^[a-z]+$/.test(word)) >>> 0)
      const command = path.slice(0, ['model', 'data', 'keys'].includes(path[0] ?? '') ? 2 : 1)
      const shown = await help(command)
      expect(shown, line).toMatch(new RegExp(`^0\nUsage: airlock ${command.join(' ')}\\b`))
      for (const option of own.match(/--[a-z-]+/g) ?? []) expect(shown, line).toContain(`${option} `)
    }
  })
})

it('the measurements that the documents name exist', async () => {
  for (const line of documents().flatMap((path) => commandLines(read(path)))) {
    const [, name, rest] = /^npm run -s bench -- (\w+)(.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const shown = await help([name], runBench)
    expect(shown, line).toMatch(new RegExp(`^0\nUsage: bench ${name}\\b`))
    for (const option of rest?.match(/--[a-z-]+/g) ?? []) expect(shown, line).toContain(`${option} `)
  }
})

it('the README names every command of the command line', async () => {
  const commands = [...(await help([])).matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map((match) => match[1] as string)
  expect(commands.length).toBeGreaterThan(10)
  const named = codeSpans(read('README.md')).join(' ')
  // `serve` is part of the surface and not built yet.
  expect(commands.filter((name) => name !== 'serve' && !new RegExp(`\\b${name}\\b`).test(named))).toEqual([])
})

it("the README's recipe is one that the product accepts and has built", () => {
  const [recipe] = codeBlocks(read('README.md'), 'yaml')
  const parsed = parseRecipe(readYaml(new TextEncoder().encode(recipe)))
  expect(parsed.data.columns).toEqual({ text: 'message', label: 'team' })
  expect(unavailableFeatures(parsed)).toBeNull()
})

// ── promises ──

describe('docs/promises.md', () => {
  const text = read('docs/promises.md')
  const proved = tableRows(text, 'Proved now')
  const open = [...tableRows(text, 'Built, without a test under its id'), ...tableRows(text, 'Not built yet')]
  const tests = files.filter((path) => path.endsWith('.test.ts') && !path.startsWith('tests/docs/'))
  const idsIn = new Map(tests.map((path) => [path, new Set(read(path).match(/\bP-\d\d\b/g) ?? [])]))

  it('lists each promise once', () => {
    const ids = [...proved, ...open].map((cells) => cells[0] as string)
    expect(ids.filter((id) => !/^P-\d\d$/.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(32)
  })

  it.each(proved.map((cells) => [cells[0] as string, cells[2] as string]))('%s is carried by %s', (id, where) => {
    const paths = codeSpans(where)
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) expect(idsIn.get(path) ?? new Set(read(path).match(/\bP-\d\d\b/g)), path).toContain(id)
  })

  it('calls nothing open that a test carries', () => {
    const ids = open.map((cells) => cells[0] as string)
    const carried = [...idsIn].flatMap(([path, found]) =>
      ids.filter((id) => found.has(id)).map((id) => `${id}: ${path}`),
    )
    expect(carried).toEqual([])
  })
})

// ── support ──

describe('docs/support.md', () => {
  const text = read('docs/support.md')
  const spans = new Set(codeSpans(text))

  it('names every family, every GGUF type that is read, and every one that is not', () => {
    for (const { name } of families) expect(spans, name).toContain(name)
    const readable = /^\| GGUF block types \| ([^|]+)\|/m.exec(text)?.[1]?.trim().split(', ')
    const types = [...ggufTypes.values()]
    expect(readable?.toSorted()).toEqual(
      types
        .filter((type) => type.codec)
        .map((type) => type.name)
        .toSorted(),
    )
    expect(types.filter((type) => !type.codec && !spans.has(type.name)).map((type) => type.name)).toEqual([])
  })

  it('names every group of recorded quantities that parity skips', () => {
    for (const group of ['full', 'prompt', 'dpo', 'grpo', 'lora_experts']) expect(spans, group).toContain(`${group}.*`)
    for (const group of ['dequantise', 'quantise']) expect(spans, group).toContain(`${group}.<type>`)
  })

  it('lists what the recipe knows and the product has not built', () => {
    const [, list] = /<!-- unavailable -->\n([\s\S]*?)<!-- \/unavailable -->/.exec(text) ?? []
    const listed = codeSpans(list ?? '')
    expect(listed.length).toBeGreaterThan(15)
    for (const feature of listed) expect(unavailableFeatures(parseRecipe(recipeWith(feature))), feature).toBe(feature)
    const values = [
      ...METRICS.map((name) => `evaluate.metrics: ${name}`),
      ...EXPORT_FORMATS.map((name) => `export.formats: ${name}`),
    ]
    const open = values.filter((value) => unavailableFeatures(parseRecipe(recipeWith(value))) === value)
    expect(open.filter((value) => !listed.includes(value))).toEqual([])
  })
})

/** A recipe that asks for one unbuilt feature, spelled as the product names it. */
function recipeWith(feature: string): unknown {
  const [path, value] = feature.split(': ') as [string, string?]
  const recipe: Record<string, unknown> = { model: 'm', data: { train: 't.csv' } }
  if (path.startsWith('data.columns.')) {
    const role = path.slice('data.columns.'.length)
    return { ...recipe, task: 'instruction', data: { train: 't.csv', columns: { [role]: role } } }
  }
  const [section, key] = path.split('.') as [string, string]
  const lists = ['metrics', 'formats']
  const given = value === undefined ? (key === 'earlyStopping' ? { patience: 1 } : 10) : value
  const task = METRICS.some((name) => name === given) ? metricTask(String(given)) : 'classification'
  const named = { ...recipe, task }
  return { ...named, [section]: { [key]: lists.includes(key) ? [given] : given } }
}

/** Metrics of classes need classes, the others generated text. */
function metricTask(metric: string): string {
  return ['accuracy', 'macroF1', 'precision', 'recall'].includes(metric) ? 'classification' : 'instruction'
}

// ── architecture and decisions ──

it('docs/architecture.md shows the layers that the table enforces', () => {
  const shown = tableRows(read('docs/architecture.md'), 'Layers').map(([level, module, , packages]) => [
    codeSpans(module ?? '')[0],
    { level: Number(level), packages: codeSpans(packages ?? '') },
  ])
  const enforced = Object.entries(MODULES).map(([module, { level, packages }]) => [module, { level, packages }])
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(enforced))
})

describe('docs/decisions', () => {
  const decisions = documents().filter((path) => path.startsWith('docs/decisions/'))

  it('are numbered without holes and listed in docs/architecture.md', () => {
    const names = decisions.map((path) => path.slice('docs/decisions/'.length)).toSorted()
    expect(names.map((name) => name.slice(0, 4))).toEqual(names.map((_, i) => `${String(i + 1).padStart(3, '0')}-`))
    const listed = links(read('docs/architecture.md')).filter((target) => target.startsWith('decisions/'))
    expect(listed).toEqual(names.map((name) => `decisions/${name}`))
  })

  it.each(decisions)('%s says context, decision and consequences under its own number', (path) => {
    const [title, ...rest] = [...read(path).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string)
    expect(title).toMatch(new RegExp(`^${/\/(\d{3})-/.exec(path)?.[1]} `))
    expect(rest).toEqual(['Context', 'Decision', 'Consequences'])
  })
})

// ── the whole repository ──

describe('every file', () => {
  // Put together here, so that this file does not hold what it looks for.
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['npmjs', 'com'],
    ['registry', 'npmmirror', 'com'],
    ['registry', 'yarnpkg', 'com'],
    ['pypi', 'org'],
    ['files', 'pythonhosted', 'org'],
    ['proxy', 'golang', 'org'],
    ['crates', 'io'],
  ].map((parts) => parts.join('.'))
  const everywhere = ['work', 'root'].map((name) => `/${name}/`)
  // Tests may use such paths as hostile or foreign input.
  const outsideTests = [['', 'tmp', ''].join('/'), ['C:', 'Users'].join('\\')]

  const hits = (words: readonly string[], paths: readonly string[]): string[] =>
    paths.flatMap((path) => {
      const text = read(path)
      return words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`)
    })

  it('names no package registry', () => {
    expect(hits(hosts, files)).toEqual([])
  })

  it('names no folder of a machine it was made on', () => {
    const product = files.filter((path) => !path.startsWith('tests/') && !path.endsWith('.test.ts'))
    expect([...hits(everywhere, files), ...hits(outsideTests, product)]).toEqual([])
  })

  it('package-lock.json does not say where packages come from', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> }
    expect(Object.keys(lock.packages).length).toBeGreaterThan(10)
    expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([])
  })
})
