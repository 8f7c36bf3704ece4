import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parseRecipe } from '../../core/contract/recipe/index.ts'
import { diskFiles } from '../../core/kit/files.ts'
import { characterFeatures, wordFeatures, yardstick } from '../support/tfidf-logreg.ts'
import { nearDuplicates } from './near-duplicates.ts'

interface Row {
  id: string
  message: string
  department: string
}

const folder = fileURLToPath(new URL('../../resources/samples/', import.meta.url))
const text = (name: string): string => new TextDecoder('utf-8', { fatal: true }).decode(diskFiles.read(folder + name))
const rowsOf = (name: string): Row[] => parse(text(name), { columns: true }) as Row[]

const tables = {
  en: {
    departments: [
      'Cardiology',
      'Dermatology',
      'Endocrinology',
      'Gastroenterology',
      'Neurology',
      'Ophthalmology',
      'Orthopedics',
      'Respiratory Medicine',
    ],
    /** Length in words; the mean is between the last two. */
    length: (message: string) => message.split(/\s+/).length,
    limits: { shortest: 6, longest: 45, meanFrom: 20, meanTo: 26 },
    names: /cardi|dermat|endocrin|gastro|neurol|ophth|orthop|respirat/i,
    units: (message: string) => message.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [],
    features: wordFeatures,
  },
  zh: {
    departments: ['内分泌科', '呼吸内科', '心血管内科', '消化内科', '皮肤科', '眼科', '神经内科', '骨科'],
    /** Length in characters. */
    length: (message: string) => [...message].length,
    limits: { shortest: 10, longest: 70, meanFrom: 24, meanTo: 40 },
    names: /内分泌|呼吸|心血管|心内|消化|皮肤|眼科|神经|骨科/,
    units: (message: string) => message.match(/[\p{L}\p{N}]/gu) ?? [],
    features: characterFeatures,
  },
} as const

describe.each(['en', 'zh'] as const)('sample table %s', (language) => {
  const table = tables[language]
  const file = `triage-${language}.csv`
  const rows = rowsOf(file)
  const messages = rows.map((row) => row.message)
  const labels = rows.map((row) => row.department)

  it('is UTF-8 without a mark, with LF line ends and the three columns', () => {
    const raw = text(file)
    expect(raw.startsWith('id,message,department\n')).toBe(true)
    expect(raw).not.toContain('\r')
    expect(raw.endsWith('\n')).toBe(true)
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length)
  })

  it('has at least 600 rows in eight departments, about 6:1', () => {
    expect(rows.length).toBeGreaterThanOrEqual(600)
    const counts = Map.groupBy(labels, (label) => label)
    expect([...counts.keys()].sort()).toEqual([...table.departments].sort())
    const sizes = [...counts.values()].map((group) => group.length)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(25)
    const ratio = Math.max(...sizes) / Math.min(...sizes)
    expect(ratio).toBeGreaterThanOrEqual(5)
    expect(ratio).toBeLessThanOrEqual(7)
  })

  it('is in random order of departments', () => {
    const sameAsBefore = labels.filter((label, i) => i > 0 && label === labels[i - 1]).length
    // A table sorted by department would have n - 8 equal neighbours; chance gives about Σ share², here 0.17.
    expect(sameAsBefore / labels.length).toBeLessThan(0.25)
  })

  it('has messages of a natural length without stray spaces', () => {
    const { shortest, longest, meanFrom, meanTo } = table.limits
    const lengths = messages.map(table.length)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shortest)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(longest)
    const mean = lengths.reduce((a, b) => a + b) / lengths.length
    expect(mean).toBeGreaterThanOrEqual(meanFrom)
    expect(mean).toBeLessThanOrEqual(meanTo)
    expect(messages.filter((message) => message !== message.trim() || /\s{2}|[\p{Cc}\p{Cf}]/u.test(message))).toEqual(
      [],
    )
  })

  it('never names a department', () => {
    expect(messages.filter((message) => table.names.test(message))).toEqual([])
  })

  it('holds nothing that looks like a phone number, an identity number, a date or an address', () => {
    const suspicious = /\d{5}|\d(?:[ .-]?\d){6}|\d{1,4}[-/.年]\d{1,2}[-/.月]\d|@|https?:|www\./i
    expect(messages.filter((message) => suspicious.test(message))).toEqual([])
  })

  it('has no exact and no near duplicates', () => {
    expect(new Set(messages.map((message) => table.units(message).join(' '))).size).toBe(rows.length)
    expect(nearDuplicates(messages.map(table.units), 5, 0.6)).toEqual([])
  })

  it('does not repeat one sentence frame', () => {
    // A template with slots shows as one opening shared by many rows.
    const openings = Map.groupBy(messages, (message) => table.units(message).slice(0, 4).join(' '))
    expect(Math.max(...[...openings.values()].map((group) => group.length))).toBeLessThanOrEqual(4)
  })

  it('is neither trivial nor random for TF-IDF with logistic regression', { timeout: 120_000 }, () => {
    const seeds = [1, 2, 3]
    for (const balanced of [false, true]) {
      const accuracies = yardstick(messages, labels, { features: table.features, seeds, C: 10, balanced })
      const mean = accuracies.reduce((a, b) => a + b) / seeds.length
      expect(mean, `accuracies ${accuracies.join(' ')}`).toBeLessThan(0.95)
      expect(mean, `accuracies ${accuracies.join(' ')}`).toBeGreaterThan(0.5)
    }
  })

  it('has a recipe that the product accepts and that points at this table', () => {
    const recipe = parseRecipe(parseYaml(text(`triage-${language}.yaml`)))
    expect(recipe.name).toBe(`triage-${language}`)
    expect(recipe.data.train).toEqual([file])
    expect(recipe.data.columns).toMatchObject({ text: 'message', label: 'department' })
    expect(recipe.data.split).toEqual({ test: 0.2, validation: 0 })
    expect(recipe.balance.maxRatio).toBeLessThanOrEqual(1.5)
    expect(recipe.prompt.answer).toBe('{label}')
  })

  it('is described by the README with its true counts', () => {
    const readme = text('README.md')
    for (const department of table.departments) {
      const count = labels.filter((label) => label === department).length
      expect(readme).toContain(`| ${department} | ${count} |`)
    }
  })
})

describe('near-duplicate check', () => {
  const words = (sentence: string): string[] => sentence.split(' ')
  it('finds a row with one word changed and leaves different rows alone', () => {
    const a = words('my left knee has been swollen and sore since the fall on the stairs at home')
    // 16 words are 12 shingles; the last word is in one of them, so 11 are shared by the 13 of both rows.
    const b = a.with(-1, 'school')
    const c = words('the cough gets worse at night and the inhaler no longer helps me at all')
    expect(nearDuplicates([a, c, b], 5, 0.6)).toEqual([{ first: 0, second: 2, similarity: 11 / 13 }])
  })
  it('compares rows shorter than a shingle as a whole', () => {
    expect(nearDuplicates([words('sore eye'), words('sore eye'), words('sore knee')], 5, 0.6)).toHaveLength(1)
  })
})
