import { describe, expect, it } from 'vitest'
import { html } from '../html.ts'
import { parseHtml } from '../parse.fixture.ts'
import { pairedBars } from './bars.ts'
import { confusionMatrix } from './confusion.ts'
import { curveChart, wantsLog } from './curve.ts'
import { intervalChart } from './intervals.ts'
import { logTicks, niceTicks } from './svg.ts'

const drawn = (source: string, name: string, style: string) =>
  parseHtml(source).tags.filter((tag) => tag.name === name && tag.attributes.get('class') === style)
const number = (tag: { attributes: Map<string, string> } | undefined, name: string) => Number(tag?.attributes.get(name))

describe('charts draw what the numbers say', () => {
  it('bars are as long as their values', () => {
    const rows = [
      { label: 'a', before: 50, after: 100, text: '' },
      { label: 'b', before: 0, after: 25, text: '' },
    ]
    const { source } = pairedBars(rows, 100, 'bars')
    const width = (style: string) => drawn(source, 'rect', style).map((bar) => number(bar, 'width'))
    const [full, quarter] = width('after') as [number, number]
    expect(quarter / full).toBeCloseTo(0.25, 2)
    expect(width('before')[0]! / full).toBeCloseTo(0.5, 2)
    expect(width('before')[1]).toBe(0)
  })

  it('puts many classes into drawings that fit on a page', () => {
    const rows = Array.from({ length: 77 }, (_, i) => ({ label: `class ${i}`, after: i, text: String(i) }))
    const heights = parseHtml(pairedBars(rows, 77, 'bars').source)
      .tags.filter(({ name }) => name === 'svg')
      .map(({ attributes }) => Number(attributes.get('viewBox')?.split(' ')[3]))
    expect(heights.length).toBe(2)
    expect(Math.max(...heights)).toBeLessThanOrEqual(800)
  })

  it('points and whiskers stand at their share of the axis', () => {
    const { source } = intervalChart(
      [
        { label: 'low', value: 0, text: '', kind: 'before' },
        { label: 'mid', value: 0.5, interval: [0.25, 0.75], text: '', kind: 'after' },
        { label: 'high', value: 1, text: '', kind: 'majority' },
      ],
      'intervals',
    )
    const [low, mid, high] = ['before', 'after', 'majority'].map((kind) =>
      number(drawn(source, 'circle', kind)[0], 'cx'),
    )
    expect(mid! - low!).toBeCloseTo(high! - mid!, 1)
    const whisker = drawn(source, 'path', 'whisker after')[0]?.attributes.get('d') ?? ''
    const [from, to] = [/^M([\d.]+)/.exec(whisker)?.[1], /H([\d.]+)/.exec(whisker)?.[1]].map(Number)
    expect((from! - low!) / (high! - low!)).toBeCloseTo(0.25, 2)
    expect((to! - low!) / (high! - low!)).toBeCloseTo(0.75, 2)
  })

  it('cells of the matrix stand in their line and column, darker for larger shares', () => {
    const cells = [
      { gold: 0, predicted: 0, rows: 3, share: 1, title: 'a' },
      { gold: 1, predicted: 0, rows: 1, share: 0.25, title: 'b' },
    ]
    const { source } = confusionMatrix(['x', 'y'], cells, 'matrix')
    const [right, wrong] = [drawn(source, 'rect', 'right')[0], drawn(source, 'rect', 'wrong')[0]]
    expect(number(right, 'x')).toBe(number(wrong, 'x'))
    expect(number(wrong, 'y')).toBeGreaterThan(number(right, 'y'))
    expect(number(right, 'fill-opacity')).toBe(1)
    expect(number(wrong, 'fill-opacity')).toBeLessThan(0.5)
  })

  it('the curve runs through the steps from left to right, on a linear or a logarithmic axis', () => {
    const points = (log: boolean) => {
      const { source } = curveChart({
        values: [1, 10, 100],
        log,
        height: 200,
        label: 'l',
        stepLabel: (s) => `step ${s}`,
      })
      const path = drawn(source, 'path', 'smooth')[0]?.attributes.get('d') ?? ''
      return [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])] as const)
    }
    const [a, b, c] = points(true) as [readonly [number, number], readonly [number, number], readonly [number, number]]
    expect(b[0] - a[0]).toBeCloseTo(c[0] - b[0], 1)
    expect(a[1] - b[1]).toBeCloseTo(b[1] - c[1], 1)
    const [x, y, z] = points(false) as typeof points extends (log: boolean) => infer R ? R : never
    expect(y![1] - z![1]).toBeGreaterThan(5 * (x![1] - y![1]))
  })

  it('draws long runs with few points and keeps the step axis', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => 3 - i / 50_000)
    const { source } = curveChart({ values, smooth: true, height: 200, label: 'l', stepLabel: (s) => `step ${s}` })
    expect(source.length).toBeLessThan(40_000)
    expect(parseHtml(source).text).toContain('step 100000')
  })

  it('chooses a logarithmic axis for tenfold falls only', () => {
    expect(wantsLog([5, 0.4])).toBe(true)
    expect(wantsLog([5, 0.6])).toBe(false)
    expect(wantsLog([5, 0])).toBe(false)
    expect(wantsLog([])).toBe(false)
  })
})

describe('ticks', () => {
  it('cover the range in round steps', () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
    expect(niceTicks(0, 97, 4)).toEqual([0, 25, 50, 75, 100])
    expect(niceTicks(2, 2, 4).length).toBeGreaterThan(0)
    expect(logTicks(0.13, 2.8)).toEqual([0.1, 0.2, 0.5, 1, 2, 5])
    expect(html`${logTicks(3, 3)}`.source).not.toBe('')
  })
})
