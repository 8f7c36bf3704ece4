import { describe, expect, it } from 'vitest'
import { userFolders } from './folders.ts'
import { chooseLanguage, optionValue } from './language.ts'
import { renderGeneric } from './render/generic.ts'
import { byteSize, clip, displayWidth, duration, printable, table } from './text.ts'

describe('folders', () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
    userFolders({ platform, env, home: '/home/u' }).modelCache.replaceAll('\\', '/')

  it('follow the customs of each system', () => {
    expect(at('linux')).toBe('/home/u/.local/share/airlock/models')
    expect(at('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/airlock/models')
    expect(at('linux', { XDG_DATA_HOME: 'relative' })).toBe('/home/u/.local/share/airlock/models')
    expect(at('darwin')).toBe('/home/u/Library/Application Support/Airlock/models')
    expect(at('win32', { LOCALAPPDATA: '/Users/u/Local' })).toBe('/Users/u/Local/Airlock/models')
    expect(at('win32')).toBe('/home/u/AppData/Local/Airlock/models')
    expect(at('win32', { AIRLOCK_HOME: '/x' })).toBe('/x/models')
  })
})

describe('language', () => {
  it('is read before the arguments are parsed', () => {
    expect(optionValue(['run', '--lang', 'zh'], '--lang')).toBe('zh')
    expect(optionValue(['run', '--lang=en'], '--lang')).toBe('en')
    expect(optionValue(['run', '--', '--lang', 'zh'], '--lang')).toBeUndefined()
    expect(chooseLanguage(['--lang', 'xx'], { LC_ALL: 'zh_TW' }, 'en-US')).toBe('zh')
    expect(chooseLanguage([], { LC_ALL: '', LANG: 'C.UTF-8' }, 'zh-CN')).toBe('en')
    expect(chooseLanguage([], {}, 'zh-CN')).toBe('zh')
    expect(chooseLanguage([], {}, 'de-DE')).toBe('en')
  })
})

describe('text', () => {
  it('measures columns as a terminal does', () => {
    for (const [text, width] of [
      ['abc', 3],
      ['中文', 4],
      ['ｆ', 2],
      ['e\u0301', 1],
      ['한', 2],
      ['😀', 2],
      ['', 0],
      ['█░', 2],
    ] as const) {
      expect(displayWidth(text), text).toBe(width)
    }
    expect(clip('中文字符', 5)).toBe('中文…')
    expect(clip('abc', 3)).toBe('abc')
  })

  it('shows control characters and direction marks as codes', () => {
    expect(printable('a\u001b[31mb\u202Ec\r\u0000\n\td')).toBe('a\\u001b[31mb\\u202ec\\u000d\\u0000\n\td')
    expect(printable('中文 é 😀')).toBe('中文 é 😀')
  })

  it('aligns tables, figures to the right', () => {
    expect(
      table(
        ['名', 'n'],
        [
          ['中文', '1'],
          ['a\nb', '12'],
        ],
      ),
    ).toBe('名     n\n────  ──\n中文   1\na b   12')
  })

  it('writes sizes and durations', () => {
    expect([0, 999, 1000, 98_362_432, 999_960_000].map(byteSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '98.4 MB',
      '1.0 GB',
    ])
    expect([0.4, 59.6, 125, 3661].map((s) => duration('en', s))).toEqual(['0 s', '1 min 0 s', '2 min 5 s', '1 h 1 min'])
    expect(duration('zh', 125)).toBe('2 分 5 秒')
  })

  it('renders any record', () => {
    const value = { a: 1234, b: null, c: { d: true, e: [1, 2] }, f: [{ g: 'x', h: 2 }, { g: 'y\u0007' }], i: {} }
    expect(renderGeneric(value)).toBe('a: 1,234\nc:\n  d: true\n  e: 1, 2\nf:\n  - g: x\n    h: 2\n  - g: y\\u0007')
  })
})
