/*
 * Text as Python sees it: indices count code points, and white space is what str.isspace says, which differs from
 * JavaScript (U+FEFF is not white space; U+001C–U+001F and U+0085 are).
 */

export function isSpace(unit: number): boolean {
  return (
    (unit >= 0x09 && unit <= 0x0d) ||
    (unit >= 0x1c && unit <= 0x20) ||
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  )
}

/** Strips white space, or any of the characters in `set`, at the chosen ends. */
export function strip(text: string, set: string | null, ends: 'both' | 'left' | 'right'): string {
  let begin = 0
  let end = text.length
  if (set === null) {
    if (ends !== 'right') while (begin < end && isSpace(text.charCodeAt(begin))) begin++
    if (ends !== 'left') while (end > begin && isSpace(text.charCodeAt(end - 1))) end--
    return text.slice(begin, end)
  }
  const wanted = new Set(set)
  const characters = Array.from(text)
  end = characters.length
  if (ends !== 'right') while (begin < end && wanted.has(characters[begin] as string)) begin++
  if (ends !== 'left') while (end > begin && wanted.has(characters[end - 1] as string)) end--
  return characters.slice(begin, end).join('')
}

export function trimEnd(text: string): string {
  return strip(text, null, 'right')
}

/** Code points of a text; one string each. */
export function characters(text: string): string[] {
  return Array.from(text)
}

export function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text)
}

/** len(): code points. */
export function length(text: string): number {
  if (!hasSurrogates(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/** Splits on runs of white space, at most `max` times when it is not negative. */
export function splitSpace(text: string, max: number): string[] {
  const out: string[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++
    if (at >= text.length) return out
    if (max >= 0 && out.length === max) {
      out.push(text.slice(at))
      return out
    }
    let end = at
    while (end < text.length && !isSpace(text.charCodeAt(end))) end++
    out.push(text.slice(at, end))
    at = end
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: Python's separators U+001C–U+001E end a line too
const LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g

/** str.splitlines(): every line boundary of Unicode, no empty line at the end. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const out: string[] = []
  let begin = 0
  for (const match of text.matchAll(LINE_END)) {
    const end = match.index + match[0].length
    out.push(text.slice(begin, keepEnds ? end : match.index))
    begin = end
  }
  if (begin < text.length) out.push(text.slice(begin))
  return out
}

/** First character in upper case, the rest in lower case. */
export function capitalize(text: string): string {
  const first = characters(text.slice(0, 2))[0] ?? ''
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

/** str.title(): every run of letters capitalised. */
export function title(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => capitalize(word))
}

/** -1, 0 or 1 by code points. */
export function compareText(a: string, b: string): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for code points above every other unit.
    const high = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
    return high(x) < high(y) ? -1 : 1
  }
  return Math.sign(a.length - b.length)
}

/** repr() of a text: single quotes unless that needs an escape that double quotes do not. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  let out = mark
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (character === mark || character === '\\') out += `\\${character}`
    else if (character === '\n') out += '\\n'
    else if (character === '\r') out += '\\r'
    else if (character === '\t') out += '\\t'
    else if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0xad) out += `\\x${hex(code, 2)}`
    else if (/[\p{C}\p{Z}]/u.test(character) && code !== 0x20) {
      out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
    } else out += character
  }
  return out + mark
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}

/** repr() of a float: the shortest digits, exponent form outside 1e-4 … 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const size = Math.abs(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size < 1e-4 || size >= 1e16) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}
