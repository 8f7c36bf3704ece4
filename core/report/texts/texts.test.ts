import { describe, expect, it } from 'vitest'
import { html } from '../html.ts'
import { en } from './en.ts'
import { textsFor } from './index.ts'
import { type TextKey, zh } from './zh.ts'

const keys = Object.keys(zh) as TextKey[]
const names = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1] as string))].sort()

describe('the two catalogues', () => {
  it('have equal key sets and equal placeholders', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort())
    for (const key of keys) expect({ key, names: names(en[key]) }).toEqual({ key, names: names(zh[key]) })
  })

  it('are each in their own language, without markup and without empty texts', () => {
    for (const key of keys) {
      expect(en[key], key).not.toMatch(/\p{Script=Han}|[，。；：！？]|<|&\w+;/u)
      expect(zh[key], key).not.toMatch(/<|&\w+;|[,;!?](?=\s|$)/)
      expect(zh[key].trim().length * en[key].trim().length, key).toBeGreaterThan(0)
    }
    const untranslated = keys.filter((key) => zh[key] === en[key])
    // Only texts without words may be equal.
    for (const key of untranslated) expect(zh[key].replace(/\{\w+\}/g, ''), key).not.toMatch(/[a-z]{2}/i)
  })
})

describe('textsFor', () => {
  it('fills placeholders once, escapes data and chooses the plural', () => {
    const { plain, rich } = textsFor('en')
    expect(plain('training.times', { count: 1 })).toBe('1 time')
    expect(plain('training.times', { count: 1200 })).toBe('1,200 times')
    expect(plain('title.run', { run: '{run} $& <b>' })).toBe('Run {run} $& <b>')
    expect(rich('title.run', { run: '{run} <b>' }).source).toBe('Run <bdi>{run} &lt;b&gt;</bdi>')
    expect(rich('title.run', { run: html`<b>${1}</b>` }).source).toBe('Run <b>1</b>')
    expect(textsFor('zh').plain('training.times', { count: 3 })).toBe('3 次')
  })

  it('treats a missing value as a defect', () => {
    expect(() => textsFor('en').plain('title.run', {})).toThrow('internal.invariant')
  })
})
