/**
 * Row text, labels and names come from strangers. These functions turn any string into text that shows every character
 * that would otherwise be invisible, move the cursor or reorder its neighbours (control, bidi, zero-width, private-use
 * and broken characters), so that nothing in a report or on a terminal can pretend to be something else.
 */

/** Controls, formats, surrogates without a partner, private use, line separators, non-characters and blank fillers. */
const HIDDEN =
  /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Zl}|\p{Zp}|\p{Noncharacter_Code_Point}|\u034F|[\u115F\u1160\u2800\u3164\uFFA0]|\u17B4|\u17B5/gu
/** The joiner inside one emoji (family, profession, flag) is legitimate. */
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)$/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u
/** More combining marks on one character than any script writes: they would climb over neighbouring lines. */
const STACKED_MARKS = /(\p{M}{4})(\p{M}+)/gu

/** Shows line ends as ⏎, tabs as ⇥ and every other hidden character as ⟨U+202E⟩. With `lines`, line ends stay line ends. */
export function visibleText(text: string, options: { lines?: boolean } = {}): string {
  return text
    .replace(/\r\n?|\n/g, options.lines ? '\n' : '⏎')
    .replace(HIDDEN, (character, at: number, whole: string) => {
      if (character === '\n') return character
      if (character === '\t') return '⇥'
      const insideEmoji =
        character === '\u200D' &&
        EMOJI_BEFORE.test(whole.slice(Math.max(0, at - 2), at)) &&
        EMOJI_AFTER.test(whole.slice(at + 1, at + 3))
      return insideEmoji ? character : codePoint(character)
    })
    .replace(STACKED_MARKS, (_all, kept: string, rest: string) => `${kept}⟨+${[...rest].length}⟩`)
}

function codePoint(character: string): string {
  const value = character.codePointAt(0) as number
  return `⟨U+${value.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** At most `limit` characters as a person counts them, the rest as `… (+n)`; cuts before it works, so size does not matter. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
  let end = 0
  let count = 0
  // A grapheme may be long (stacked marks); 16 units a character on average is more than any honest text needs.
  for (const { segment, index } of graphemes.segment(text.slice(0, limit * 16))) {
    if (count++ === limit) break
    end = index + segment.length
  }
  const rest = text.length - end
  return rest === 0 ? text : `${text.slice(0, end)}… (+${rest})`
}

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]/u
const TWO_CELLS =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]/u

/** Cells a string takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function displayWidth(text: string): number {
  let cells = 0
  for (const character of text) cells += NO_WIDTH.test(character) ? 0 : TWO_CELLS.test(character) ? 2 : 1
  return cells
}

/** Cuts a visible string to at most `cells` terminal cells, with … where something was cut. */
export function fitWidth(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text
  let out = ''
  let used = 0
  for (const character of text) {
    const width = displayWidth(character)
    if (used + width > cells - 1) break
    out += character
    used += width
  }
  return `${out}…`
}

/** Pads with spaces to `cells` terminal cells. */
export function padWidth(text: string, cells: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, cells - displayWidth(text)))
  return side === 'right' ? text + space : space + text
}
