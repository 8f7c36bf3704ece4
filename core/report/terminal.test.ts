import { describe, expect, it } from 'vitest'
import { sampleLossReport, sampleReport } from './sample.fixture.ts'
import { renderTerminalSummary } from './terminal.ts'
import { displayWidth } from './visible.ts'

describe('renderTerminalSummary', () => {
  it.each(['zh', 'en'] as const)('fits 80 cells and aligns the table (%s)', (lang) => {
    for (const data of [
      sampleReport({ lang }),
      sampleReport({ lang, testRows: 30, after: 0.3 }),
      sampleLossReport(lang),
    ]) {
      const lines = renderTerminalSummary(data, lang).split('\n')
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
      const rule = lines.findIndex((line) => /^ {2}-+$/.test(line))
      const [head, ...rows] = [lines[rule - 1] ?? '', ...lines.slice(rule + 1, lines.indexOf('', rule))]
      // The figures of a column end where its heading ends: "tuned" is the third of the columns.
      const end =
        displayWidth(head.slice(0, head.indexOf(lang === 'zh' ? '调优后' : 'After'))) + (lang === 'zh' ? 6 : 5)
      for (const row of rows) {
        const cells = [...row].reduce((text, c) => (displayWidth(text) < end ? text + c : text), '')
        expect(cells).toMatch(/[\d\]%]$/)
      }
    }
  })

  it('says the verdict, the figures and where the weak classes are', () => {
    const text = renderTerminalSummary(sampleReport({ lang: 'en' }), 'en')
    for (const part of ['After tuning,', 'Accuracy', 'Macro-F1', 'Always Billing', 'Weakest', '120 steps', 'SHA-256']) {
      expect(text).toContain(part)
    }
    expect(text).not.toContain('\u001B')
    expect(text).not.toContain('\u2212')
  })

  it('needs no evaluation', () => {
    const text = renderTerminalSummary({ ...sampleReport({ lang: 'zh' }), evaluation: undefined }, 'zh')
    expect(text).toContain('没有评测')
    expect(text).not.toContain('----')
  })
})
