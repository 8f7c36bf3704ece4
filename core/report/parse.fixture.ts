/**
 * A small HTML tokenizer for tests (after the tokenization states of the HTML standard, no error recovery): what a
 * browser would take for markup is markup here. Anything it cannot read strictly is an error, because our own output
 * has no reason to be sloppy.
 */
export interface Parsed {
  tags: { name: string; attributes: Map<string, string> }[]
  /** Decoded text of all text nodes, joined. */
  text: string
  /** Content of elements whose text is not markup. */
  raw: Map<string, string>
}

const RAW_TEXT = new Set([
  'style',
  'script',
  'textarea',
  'iframe',
  'noscript',
  'xmp',
  'noembed',
  'noframes',
  'plaintext',
])
const VOID = new Set(['meta', 'br', 'img', 'link', 'base', 'input'])

export function parseHtml(source: string): Parsed {
  const out: Parsed = { tags: [], text: '', raw: new Map() }
  const open: string[] = []
  let at = 0
  const fail = (why: string): never => {
    throw new Error(`${why} at ${at}: ${JSON.stringify(source.slice(at, at + 80))}`)
  }
  while (at < source.length) {
    const next = source.indexOf('<', at)
    const text = source.slice(at, next < 0 ? source.length : next)
    out.text += decode(text)
    if (next < 0) break
    at = next
    const closing = /^<\/([a-z][a-z0-9]*)>/i.exec(source.slice(at, at + 80))
    if (closing !== null) {
      if (open.pop() !== closing[1]) fail('unbalanced end tag')
      at += closing[0].length
      continue
    }
    if (source.startsWith('<!doctype html>', at)) {
      at += '<!doctype html>'.length
      continue
    }
    const opening = /^<([a-z][a-z0-9]*)((?:\s+[a-zA-Z][\w:-]*(?:="[^"<]*")?)*)\s*(\/?)>/.exec(source.slice(at))
    if (opening === null) return fail('not a start tag')
    const [whole, name, attributes, selfClosed] = opening as unknown as [string, string, string, string]
    const pairs = [...attributes.matchAll(/([a-zA-Z][\w:-]*)(?:="([^"]*)")?/g)]
    out.tags.push({ name, attributes: new Map(pairs.map((m) => [m[1] as string, decode(m[2] ?? '')])) })
    at += whole.length
    if (RAW_TEXT.has(name)) {
      const end = source.toLowerCase().indexOf(`</${name}>`, at)
      out.raw.set(name, source.slice(at, end))
      at = end + name.length + 3
    } else if (selfClosed === '' && !VOID.has(name)) open.push(name)
  }
  if (open.length > 0) fail(`open elements ${open.join(' ')}`)
  return out
}

function decode(text: string): string {
  if (text.includes('>') || /&(?!(?:amp|lt|gt|quot|#39);)/.test(text))
    throw new Error(`unescaped text ${text.slice(0, 80)}`)
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
