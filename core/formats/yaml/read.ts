import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { AppError } from '../../kit/error.ts'

/** A settings file is small; a larger one is not a settings file. */
export const YAML_LIMITS = { bytes: 1_048_576, depth: 32, aliasedNodes: 10_000 } as const

/**
 * Reads one YAML 1.2 (core schema) or JSON document of settings into plain records.
 * Strict: UTF-8 (± BOM), one document, no tags beyond the core schema, unique text keys, bounded size, depth and
 * alias growth. Nothing is constructed but null, booleans, numbers, texts, lists and records.
 * Errors: `recipe.syntax`, `.duplicate_key`, `.tag`, `.aliases`, `.too_large`, `.too_deep`, `.encoding`.
 */
export function readYaml(bytes: Uint8Array): unknown {
  if (bytes.byteLength > YAML_LIMITS.bytes) {
    throw new AppError('recipe.too_large', { bytes: bytes.byteLength, limit: YAML_LIMITS.bytes })
  }
  const text = decode(bytes)
  const lines = new LineCounter()
  const document = parse(text, lines)
  const problem = document.errors[0]
  if (problem !== undefined) {
    const at = lines.linePos(problem.pos[0])
    if (problem.code === 'DUPLICATE_KEY') {
      throw new AppError('recipe.duplicate_key', { key: keyAt(text, problem.pos[0]), line: at.line, column: at.col })
    }
    throw new AppError('recipe.syntax', { line: at.line, column: at.col, reason: problem.code })
  }
  return toPlain(document.contents, checkNodes(document, lines))
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new AppError('recipe.encoding')
  }
}

/** A run of opening brackets, dashes or question marks: each opens one level in the parser, which recurses. */
const DEEP_RUN = /(?:[[{][ \t\r\n]*){33}|(?:[-?:][ \t]+){33}/

function parse(text: string, lineCounter: LineCounter) {
  if (DEEP_RUN.test(text)) throw new AppError('recipe.too_deep', { limit: YAML_LIMITS.depth })
  try {
    const options = { strict: true, uniqueKeys: true, schema: 'core', version: '1.2', merge: false } as const
    return parseDocument(text, { ...options, logLevel: 'error', prettyErrors: false, lineCounter })
  } catch (error) {
    // Nesting that the pattern above does not see exhausts the stack of the recursive parser: an error like the others.
    if (error instanceof RangeError) throw new AppError('recipe.too_deep', { limit: YAML_LIMITS.depth })
    throw error
  }
}

function keyAt(text: string, position: number): string {
  return /^["']?([^"':\n]{0,80})/.exec(text.slice(position, position + 100))?.[1]?.trim() ?? ''
}

const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/

/** Walks the tree once, before anything is built: tags, types of keys, depth. Returns what each reference stands for. */
function checkNodes(document: ReturnType<typeof parse>, lines: LineCounter): ReadonlyMap<unknown, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<unknown, Node>()
  visit(document, (_key, node, path) => {
    // A level of nesting is a collection and, in a mapping, a pair.
    if (path.length > YAML_LIMITS.depth * 2) throw new AppError('recipe.too_deep', { limit: YAML_LIMITS.depth })
    if (isPair(node) && !(isScalar(node.key) && typeof node.key.value === 'string')) {
      const at = lines.linePos((node.key as Node | null)?.range?.[0] ?? 0)
      throw new AppError('recipe.syntax', { line: at.line, column: at.col, reason: 'KEY_NOT_TEXT' })
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source) // the latest definition above it, as YAML says
      const at = lines.linePos(node.range?.[0] ?? 0)
      if (target === undefined) {
        throw new AppError('recipe.syntax', { line: at.line, column: at.col, reason: 'UNKNOWN_REFERENCE' })
      }
      targets.set(node, target)
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return
    if (node.tag !== undefined && !CORE_TAG.test(node.tag)) {
      throw new AppError('recipe.tag', { tag: node.tag.slice(0, 80), line: lines.linePos(node.range?.[0] ?? 0).line })
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
  })
  return targets
}

/** Builds plain records; every node that a reference brings in is counted, so growth and cycles end early. */
function toPlain(root: unknown, targets: ReadonlyMap<unknown, Node>): unknown {
  let aliased = 0
  const build = (node: unknown, depth: number, inAlias: boolean): unknown => {
    if (inAlias && (++aliased > YAML_LIMITS.aliasedNodes || depth > YAML_LIMITS.depth * 2)) {
      throw new AppError('recipe.aliases')
    }
    if (isAlias(node)) return build(targets.get(node), depth + 1, true)
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item) => build(item, depth + 1, inAlias))
    if (!isMap(node)) return null
    const record: Record<string, unknown> = {}
    for (const { key, value } of node.items) {
      const name = String((key as { value: unknown }).value)
      // Defined, not assigned: a key `__proto__` must stay a key that the schema can refuse.
      Object.defineProperty(record, name, {
        value: build(value, depth + 1, inAlias),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return record
  }
  return build(root, 0, false)
}
