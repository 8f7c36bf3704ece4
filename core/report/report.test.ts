import { describe, expect, it } from 'vitest'
import type { ReportData } from '../contract/domain/report.ts'
import { HOSTILE, poison } from './hostile.fixture.ts'
import { parseHtml } from './parse.fixture.ts'
import { REPORT_POLICY, renderReport, withoutRowText } from './render.ts'
import { sampleLossReport, sampleReport } from './sample.fixture.ts'
import { clip, visibleText } from './visible.ts'

const full: ReportData = {
  ...sampleReport({ lang: 'en', testRows: 60, classes: 5 }),
  remarks: ['a remark', 'another'],
  prompt: { system: 'system', user: 'user {text}', answer: '{label}' },
}
full.data.personalData = { phone: 2, email: 1 }
full.data.privacy = { scan: true, findings: 'accept', acceptedBy: 'A. Officer' }
full.adapter = { name: 'n', sha256: 'f'.repeat(64), parents: ['p1', 'p2'] }

/** What the page is made of, without the text: every tag with its attribute names, classes and local styles. */
function skeleton(source: string): string[] {
  return parseHtml(source)
    .tags.filter(({ name }) => name !== 'span')
    .map(({ name, attributes }) => `${name} ${[...attributes.keys()].join(' ')} .${attributes.get('class') ?? ''}`)
}

const ALLOWED =
  /^(html|head|meta|title|style|body|main|header|section|footer|div|span|h[1-3]|p|b|i|bdi|small|code|ol|ul|li|dl|dt|dd|table|thead|tbody|tr|th|td|figure|figcaption|svg|path|circle|rect|text|g)$/

/** Parts of a tag that could run, load or disguise something. */
function forbidden({ name, attributes }: { name: string; attributes: Map<string, string> }): string[] {
  const bad = [...attributes].filter(
    ([attribute, value]) =>
      /^on|href|src|action|srcdoc|xmlns/i.test(attribute) ||
      (attribute === 'style' && !/^font-size:[\d.]+px$/.test(value)) ||
      (attribute === 'class' && !/^[a-z ]*$/i.test(value)),
  )
  return [...(ALLOWED.test(name) ? [] : [name]), ...bad.map(([attribute, value]) => `${name} ${attribute}=${value}`)]
}

const HIDDEN_LEFT = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD]/u

describe('hostile data (P-70)', () => {
  it('has at least 60 different payloads', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60)
  })

  const plain = skeleton(renderReport(poison(full, 'x'), 'en'))

  it.each(HOSTILE.map((payload, i) => [i, payload] as const))('payload %i stays text in every field', (_i, payload) => {
    for (const data of [poison(full, payload), poison(sampleLossReport('en'), payload)]) {
      const source = renderReport(data, 'en')
      const { tags, text, raw } = parseHtml(source)
      if (data.evaluation?.kind === 'classification') expect(skeleton(source)).toEqual(plain)
      expect(tags.flatMap(forbidden)).toEqual([])
      expect([...raw.keys()]).toEqual(['style'])
      expect(raw.get('style')).not.toContain(payload)
      expect(text).toContain(visibleText(clip(payload, 100)).trimEnd().slice(0, 60))
      expect(source.replaceAll('\n', '')).not.toMatch(HIDDEN_LEFT)
    }
  })

  it('notices when a field is not escaped (the test bites)', () => {
    const source = renderReport(full, 'en')
    expect(() => parseHtml(source.replace('Outpatient', '<img src=x onerror=alert(1)>'))).toThrow()
    expect(skeleton(source.replace('Outpatient', '<b>Outpatient</b>'))).not.toEqual(skeleton(source))
  })

  it('names every forbidden part of a tag (the test bites)', () => {
    const tag = (name: string, attribute: string, value: string) => ({
      name,
      attributes: new Map([[attribute, value]]),
    })
    expect(forbidden(tag('img', 'src', 'x'))).toEqual(['img', 'img src=x'])
    expect(forbidden(tag('p', 'onclick', 'x')).length).toBe(1)
    expect(forbidden(tag('text', 'style', 'background:url(x)')).length).toBe(1)
    expect(forbidden(tag('text', 'style', 'font-size:8px'))).toEqual([])
  })

  it('allows no script and no outside resource by policy, before anything else', () => {
    const { tags } = parseHtml(renderReport(full, 'zh'))
    const policy = tags.findIndex(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy')
    expect(tags[policy]?.attributes.get('content')).toBe(REPORT_POLICY)
    expect(REPORT_POLICY).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    expect(tags.slice(0, policy).map(({ name }) => name)).toEqual(['html', 'head', 'meta'])
    expect(renderReport(full, 'en')).not.toMatch(/url\(|@import|https?:/)
  })
})

describe('what the report says', () => {
  const read = (data: ReportData, lang: 'zh' | 'en') => parseHtml(renderReport(data, lang)).text
  const data = sampleReport({ lang: 'zh' })
  const evaluation = data.evaluation?.kind === 'classification' ? data.evaluation : expect.unreachable()

  it('tells the verdict in plain words, from the measured numbers', () => {
    const [after, before] = [evaluation.tuned.accuracy, evaluation.base?.accuracy ?? 0].map((a) => Math.round(a * 100))
    expect(read(data, 'zh')).toContain(`调优后，每 100 条测试文本有 ${after} 条分类正确；调优前是 ${before} 条。`)
    expect(read(data, 'en')).toContain(
      `After tuning, ${after} of 100 test texts get the right class; before it was ${before}.`,
    )
  })

  it('names everything a reader may ask for', () => {
    const text = read(data, 'en')
    for (const { f1, support } of Object.values(evaluation.tuned.perClass)) {
      expect(text).toContain(f1.toFixed(2))
      expect(text).toContain(String(support))
    }
    const digests = [data.adapter?.sha256, data.model.fingerprint.weights, data.recipeHash, data.planHash]
    for (const digest of digests) expect(text).toContain(digest)
    for (const part of [
      data.signature?.keyId,
      'Xeon 2.2 GHz',
      '5 March 2026, 14:07 (UTC+08:00)',
      'first time',
      '6 : 1 → 1.5 : 1',
      'no personal data',
    ]) {
      expect(text).toContain(part)
    }
    for (const { text: quote } of data.worst ?? []) expect(text).toContain(quote)
  })

  it('is the same bytes for the same data', () => {
    expect(renderReport(sampleReport({ lang: 'zh' }), 'zh')).toBe(renderReport(data, 'zh'))
  })

  it('quotes no test row when it is to leave the room', () => {
    const stripped = withoutRowText(data)
    for (const lang of ['zh', 'en'] as const) {
      const text = read(stripped, lang)
      for (const row of data.worst ?? []) {
        expect(text).not.toContain(row.text)
        expect(text).toContain(row.rowId)
      }
    }
    expect(JSON.stringify(stripped)).not.toContain(data.worst?.[0]?.text)
    expect(read(stripped, 'zh')).not.toContain('逐字引用')
    expect(read(data, 'zh')).toContain('逐字引用')
  })

  it('renders tasks without classes and runs without evaluation', () => {
    const loss = sampleLossReport('en')
    expect(read(loss, 'en')).toContain('perplexity fell from')
    expect(read(loss, 'en')).not.toContain('Macro-F1')
    expect(read(loss, 'en')).toContain('phone 3, email 1')
    const { evaluation: _none, ...bare } = loss
    expect(read(bare, 'zh')).toContain('没有评测')
    const minimal: ReportData = {
      ...bare,
      adapter: undefined,
      signature: undefined,
      machine: {},
      prompt: undefined,
      recipeHash: undefined,
    }
    expect(read(minimal, 'en')).toContain('not signed')
  })

  it('shows no placeholder, no NaN and no undefined', () => {
    for (const lang of ['zh', 'en'] as const) {
      for (const report of [data, sampleLossReport(lang), sampleReport({ lang, classes: 77, testRows: 154 })]) {
        const shown = read({ ...report, prompt: undefined }, lang)
        expect(shown).not.toMatch(/\{|\}|NaN|undefined|null|\[object/)
      }
    }
  })

  it('stays readable with one class per test row and with 300 classes', () => {
    const many = sampleReport({ lang: 'en', classes: 300, testRows: 300, steps: 5000 })
    const source = renderReport(many, 'en')
    expect(source.length).toBeLessThan(1_500_000)
    expect(parseHtml(source).text).toContain('The chart shows the first 160 of 300 classes')
    expect(parseHtml(source).text).toContain('A matrix of 300 classes cannot be drawn legibly')
  })
})
