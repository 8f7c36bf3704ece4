import { describe, expect, it } from 'vitest'
import { formatsFor } from './format.ts'

const [zh, en] = [formatsFor('zh'), formatsFor('en')]

describe('formats', () => {
  it('writes numbers with a real minus and no minus before zero', () => {
    expect(en.integer(1234567)).toBe('1,234,567')
    expect(en.percent(0.8375)).toBe('83.8%')
    expect(en.signed(-0.0512, 3)).toBe('−0.051')
    expect(en.signed(0.5, 1)).toBe('+0.5')
    expect(en.decimal(-0.0001, 1)).toBe('0.0')
    expect(en.interval([-0.1, 0.25], (v) => en.signed(v, 2))).toBe('[−0.10, +0.25]')
    expect(en.compact(134_515_008)).toBe('135M')
    expect(zh.compact(134_515_008)).toBe('1.35 亿')
    expect(en.setting(5e-4)).toBe('5e−4')
    expect(en.setting(0.1)).toBe('0.1')
    expect(en.probability(1e-9)).toBe('< 0.001')
    expect(en.probability(0.0421)).toBe('= 0.042')
  })

  it('writes durations in two neighbouring units', () => {
    expect(en.duration(3.27)).toBe('3.3 s')
    expect(en.duration(59.7)).toBe('1 min 0 s')
    expect(zh.duration(271.4)).toBe('4 分 31 秒')
    expect(en.duration(7384)).toBe('2 h 3 min')
  })

  it('writes sizes in decimal units', () => {
    expect(en.bytes(0)).toBe('0 B')
    expect(en.bytes(999)).toBe('999 B')
    expect(en.bytes(19_561_472)).toBe('19.6 MB')
    expect(en.bytes(1.93e9)).toBe('1.9 GB')
  })

  it('shows a date as the clock on the wall showed it, wherever it is read', () => {
    expect(zh.dateTime('2026-03-05T14:07:31+08:00')).toBe('2026年3月5日 14:07（UTC+08:00）')
    expect(en.dateTime('2026-12-31T23:59:59.123Z')).toBe('31 December 2026, 23:59 (UTC)')
    expect(en.dateTime('not a date')).toBe('not a date')
  })
})
