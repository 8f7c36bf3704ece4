import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, displayWidth, fitWidth, padWidth, visibleText } from './visible.ts'

/** Code points that must never survive, written without the character classes that the code uses. */
const hidden = (point: number): boolean =>
  point < 0x20 ||
  (point >= 0x7f && point <= 0x9f) ||
  (point >= 0xd800 && point <= 0xdfff) ||
  (point >= 0x202a && point <= 0x202e) ||
  (point >= 0x2060 && point <= 0x206f) ||
  [0x00ad, 0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff].includes(point)

describe('visibleText', () => {
  it.each([
    ['plain 文本 ß é 🙂', 'plain 文本 ß é 🙂'],
    ['a\u202Eb', 'a⟨U+202E⟩b'],
    ['a\u0000b\u001B[31m', 'a⟨U+0000⟩b⟨U+001B⟩[31m'],
    ['one\r\ntwo\nthree\rfour', 'one⏎two⏎three⏎four'],
    ['a\tb', 'a⇥b'],
    ['\uD83D', '⟨U+D83D⟩'],
    ['👨‍👩‍👧 👩🏽‍🚀 🏳️‍🌈', '👨‍👩‍👧 👩🏽‍🚀 🏳️‍🌈'],
    ['a\u200Db 👩\u200D', 'a⟨U+200D⟩b 👩⟨U+200D⟩'],
    ['\u{E0041}', '⟨U+E0041⟩'],
    ['e\u0301\u0302\u0303\u0304\u0305\u0306', 'e\u0301\u0302\u0303\u0304⟨+2⟩'],
  ])('%j becomes %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })

  it('keeps line ends when asked', () => {
    expect(visibleText('a\r\nb\tc', { lines: true })).toBe('a\nb⇥c')
  })

  it('leaves nothing hidden in any string and changes nothing twice', () => {
    const strings = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(strings, (text) => {
        const shown = visibleText(text)
        const points = Array.from(shown, (character) => character.codePointAt(0) as number)
        expect(points.filter(hidden)).toEqual([])
        expect(visibleText(shown)).toBe(shown)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('clip', () => {
  it('cuts between characters as a person counts them and says how much is left', () => {
    expect(clip('short', 10)).toBe('short')
    expect(clip('a👨‍👩‍👧bcd', 2)).toBe('a👨‍👩‍👧… (+3)')
    expect(clip('日本語テキスト', 3)).toBe('日本語… (+4)')
  })

  it('does not read a giant cell', () => {
    const started = performance.now()
    expect(clip('界'.repeat(30_000_000), 280).length).toBeLessThan(320)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('widths', () => {
  it.each([
    ['abc', 3],
    ['宏平均 F1', 9],
    ['é', 1],
    ['e\u0301', 1],
    ['ｆｕｌｌ，', 10],
    ['한국', 4],
    ['🙂', 2],
  ])('%j takes %i cells', (text, cells) => {
    expect(displayWidth(text)).toBe(cells)
  })

  it('fits and pads to the cell', () => {
    expect(fitWidth('消化内科门诊', 7)).toBe('消化内…')
    expect(displayWidth(padWidth('内科', 9))).toBe(9)
    expect(padWidth('内科', 6, 'left')).toBe('  内科')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (text, cells) => {
        expect(displayWidth(fitWidth(visibleText(text), cells))).toBeLessThanOrEqual(cells)
      }),
    )
  })
})
