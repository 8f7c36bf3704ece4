import { type Lang, message } from '../contract/messages/index.ts'

/** East Asian wide and full-width characters take two columns of a terminal (Unicode annex 11, the common blocks). */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g')

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replace(ESCAPES, '')) {
    if (!NO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1
  }
  return width
}

/** Cuts a text to a number of columns, with an ellipsis where something is missing. */
export function clip(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let width = 0
  let kept = ''
  for (const character of text) {
    width += displayWidth(character)
    if (width > columns - 1) break
    kept += character
  }
  return `${kept}…`
}

/**
 * File names, labels and column names come from strangers: control characters and direction marks would let them
 * rewrite the terminal, so they appear as their code. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function pad(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return side === 'right' ? text + space : space + text
}

/** Rows under a header, columns aligned; a column of figures is aligned to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows].map((row) => row.map((cell) => printable(cell).replace(/[\n\t]/g, ' ')))
  const widths = header.map((_name, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ''))))
  const figures = header.map(
    (_name, column) => rows.length > 0 && rows.every((row) => /^[-+−\d—]/.test(row[column] ?? '')),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => pad(cell, widths[column]!, figures[column] ? 'left' : 'right'))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(all[0]!), rule, ...all.slice(1).map(line)].join('\n')
}

/** A duration in the language's words: 8 s, 2 min 05 s, 1 h 10 min. */
export function duration(lang: Lang, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  if (h > 0) return message(lang, 'duration.hours', { h, m })
  if (m > 0) return message(lang, 'duration.minutes', { m, s })
  return message(lang, 'duration.seconds', { s })
}

/** Bytes in decimal units, as disks and downloads are sold: 98.4 MB. */
export function byteSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 999.95 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** A figure with separators of thousands and few decimals. */
export function figure(value: number, decimals = 1): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }).format(value)
}
