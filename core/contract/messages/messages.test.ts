import { describe, expect, it } from 'vitest'
import { STAGES } from '../progress.ts'
import { en } from './en.ts'
import { isMessageKey, type MessageKey, message } from './index.ts'
import { zh } from './zh.ts'

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()

describe('message catalogue', () => {
  it('has equal keys and equal placeholders in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const key of Object.keys(zh) as MessageKey[]) {
      expect(en[key].trim(), key).not.toBe('')
      expect(zh[key].trim(), key).not.toBe('')
      expect(placeholders(en[key]), key).toEqual(placeholders(zh[key]))
    }
  })

  it('is Chinese where it says Chinese, and English where it says English', () => {
    for (const key of Object.keys(zh) as MessageKey[]) {
      expect(en[key], key).not.toMatch(/\p{Script=Han}/u)
      if (!/^[\p{P}\p{S}\s\w{}]*$/u.test(zh[key])) expect(zh[key], key).toMatch(/\p{Script=Han}/u)
    }
  })

  it('names every stage', () => {
    for (const stage of STAGES) expect(isMessageKey(`stage.${stage}`), stage).toBe(true)
  })

  it('fills facts in one pass and writes numbers with separators', () => {
    expect(message('en', 'result.rows', { rows: 12345, train: 1, validation: 0, test: '{rows}' })).toBe(
      '12,345 rows read: 1 training, 0 validation, {rows} test',
    )
    expect(isMessageKey('toString')).toBe(false)
  })
})
