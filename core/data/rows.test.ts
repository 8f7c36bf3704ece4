import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError, sha256 } from '../kit/index.ts'
import { balanceRows, planBalance } from './balance.ts'
import { assignIds } from './import.ts'
import { classCounts, labelVariants, ratioOf } from './labels.ts'
import { splitRows } from './split.ts'
import type { BalanceMethod, DraftRow } from './types.ts'

/** A training row without a file. */
function row(text: string, label: string | null, line = 1): DraftRow {
  return {
    id: '',
    fields: label === null ? { text } : { text, label },
    label,
    weight: 1,
    hash: sha256(`${label}\n${text}`),
    group: sha256(text),
    source: { file: 'x.csv', sha256: sha256(''), sheet: null, line },
    parent: null,
    origin: 'human',
    split: 'train',
  }
}

/** Rows of `sizes[i]` different texts in class i, interleaved. */
function table(sizes: readonly number[]): DraftRow[] {
  const rows = sizes.flatMap((n, c) => Array.from({ length: n }, (_, i) => row(`text ${c} ${i}`, `class ${c}`)))
  rows.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  rows.forEach((r, i) => {
    r.source = { ...r.source, line: i + 2 }
  })
  assignIds(rows)
  return rows
}

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 7 })
const lines = (rows: readonly { source: { line: number } }[]) => rows.map((r) => r.source.line)
const code = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
  return 'none'
}

describe('split', () => {
  const plan = { test: 0.2, validation: 0.1, needsValidation: false, seed: 42 }

  it('is stratified, complete, disjoint, in file order and repeatable', () => {
    fc.assert(
      fc.property(
        sizes.filter((s) => s.some((n) => n > 1)),
        fc.integer(),
        (counts, seed) => {
          const rows = table(counts)
          const parts = splitRows(rows, { ...plan, seed, validation: 0 })
          expect([...lines(parts.train), ...lines(parts.test)].sort((a, b) => a - b)).toEqual(lines(rows))
          for (const part of [parts.train, parts.test])
            expect(lines(part)).toEqual(lines(part).toSorted((a, b) => a - b))
          const [train, test] = [classCounts(parts.train), classCounts(parts.test)]
          counts.forEach((n, c) => {
            const inTest = test.get(`class ${c}`) ?? 0
            expect(train.get(`class ${c}`)).toBeGreaterThanOrEqual(1)
            if (n === 1) expect(inTest).toBe(0)
            else expect(inTest).toBe(Math.min(n - 1, Math.max(1, Math.round(0.2 * n))))
          })
          expect(parts.tooSmall).toEqual(counts.flatMap((n, c) => (n === 1 ? [`class ${c}`] : [])))
          expect(splitRows(table(counts), { ...plan, seed, validation: 0 })).toEqual(parts)
        },
      ),
    )
  })

  it('sets validation rows aside without emptying training or moving the test rows', () => {
    fc.assert(
      fc.property(
        sizes.filter((s) => s.some((n) => n > 2)),
        fc.boolean(),
        (counts, given) => {
          const parts = splitRows(table(counts), { ...plan, validation: given ? 0.1 : 0, needsValidation: !given })
          expect(parts.validation.length).toBeGreaterThan(0)
          expect(classCounts(parts.train).size).toBe(counts.length)
          expect(parts.test).toEqual(splitRows(table(counts), { ...plan, validation: 0 }).test)
          expect(parts.train.length + parts.validation.length + parts.test.length).toBe(counts.reduce((a, b) => a + b))
        },
      ),
    )
    // A tenth of the training split: 20 of 250 − 50 rows, and a share given counts on all rows: 25.
    const aside = splitRows(table([200, 50]), { ...plan, validation: 0, needsValidation: true })
    expect([aside.train.length, aside.validation.length, aside.test.length]).toEqual([180, 20, 50])
    const given = splitRows(table([200, 50]), plan)
    expect([given.train.length, given.validation.length, given.test.length]).toEqual([175, 25, 50])
  })

  it('another seed draws other rows', () => {
    const draw = (seed: number) => lines(splitRows(table([50, 50]), { ...plan, seed }).test)
    expect(draw(1)).not.toEqual(draw(2))
  })

  it('keeps rows with one input together, and inputs with several classes in training', () => {
    const disputed = Array.from({ length: 20 }, (_, i) => [
      row(`disputed ${i}`, 'class 0'),
      row(`disputed ${i}`, 'class 1'),
    ])
    const rows = [...table([30, 30]), ...table([30, 30]), ...disputed.flat()]
    assignIds(rows)
    const parts = splitRows(rows, plan)
    const where = new Map<string, Set<string>>()
    for (const r of rows) where.set(r.group, (where.get(r.group) ?? new Set()).add(r.split))
    expect([...where.values()].every((s) => s.size === 1)).toBe(true)
    expect(parts.train.filter((r) => r.fields.text.startsWith('disputed'))).toHaveLength(40)
    expect(parts.test).toHaveLength(32) // 20 % of 80 rows in each class, in pairs
  })

  it('leaves every class a training row even when nearly all is asked for', () => {
    const parts = splitRows(table([2, 3, 40]), { ...plan, test: 0.9, validation: 0.09 })
    expect(classCounts(parts.train).size).toBe(3)
    expect([...classCounts(parts.test).values()]).toEqual([1, 2, 36])
  })

  it('splits rows without classes as one stratum', () => {
    const rows = Array.from({ length: 50 }, (_, i) => row(`t${i}`, null))
    const parts = splitRows(rows, plan)
    expect([parts.train.length, parts.validation.length, parts.test.length]).toEqual([35, 5, 10])
  })

  it('refuses when no class can give a row', () => {
    expect(code(() => splitRows(table([1, 1, 1]), { ...plan, validation: 0 }))).toBe('data.class_too_small')
    expect(code(() => splitRows(table([1, 1]), { ...plan, test: 0, validation: 0, needsValidation: true }))).toBe(
      'data.class_too_small',
    )
  })
})

describe('balance', () => {
  const ratio = fc.double({ min: 1, max: 6, noNaN: true })
  const run = (rows: DraftRow[], method: BalanceMethod, maxRatio = 1.5, seed = 42) =>
    balanceRows(rows, { method, maxRatio, seed })

  it('down-samples to the ratio, keeps order and only drops', () => {
    fc.assert(
      fc.property(sizes, ratio, (counts, maxRatio) => {
        const rows = table(counts)
        const { rows: kept, plan } = run(rows, 'downsample', maxRatio)
        const after = classCounts(kept)
        expect(ratioOf(after.values())).toBeLessThanOrEqual(maxRatio)
        expect(plan.ratioAfter).toBe(ratioOf(after.values()))
        expect(plan.ratioBefore).toBe(Math.max(...counts) / Math.min(...counts))
        expect(rows.filter((r) => kept.includes(r))).toEqual(kept)
        counts.forEach((n, c) => {
          expect(after.get(`class ${c}`)).toBe(Math.min(n, Math.floor(Math.min(...counts) * maxRatio)))
        })
        expect(run(table(counts), 'downsample', maxRatio)).toEqual({ rows: kept, plan })
      }),
    )
  })

  it('up-samples to the ratio with copies that name their parent', () => {
    fc.assert(
      fc.property(sizes, ratio, (counts, maxRatio) => {
        const rows = table(counts)
        const { rows: all, plan } = run(rows, 'upsample', maxRatio)
        expect(all.slice(0, rows.length)).toEqual(rows)
        const after = classCounts(all)
        expect(ratioOf(after.values())).toBeLessThanOrEqual(maxRatio)
        expect(plan.ratioAfter).toBe(ratioOf(after.values()))
        expect(new Set(all.map((r) => r.id)).size).toBe(all.length)
        const byId = new Map(rows.map((r) => [r.id, r]))
        const times = new Map<string, number>()
        for (const copy of all.slice(rows.length)) {
          const parent = byId.get(copy.parent ?? '')
          expect(copy).toMatchObject({ fields: parent?.fields, label: parent?.label, hash: parent?.hash })
          times.set(copy.parent ?? '', (times.get(copy.parent ?? '') ?? 0) + 1)
        }
        // Whole rounds: within one class no row is repeated twice more often than another.
        for (const label of after.keys()) {
          const members = rows.filter((r) => r.label === label).map((r) => times.get(r.id) ?? 0)
          expect(Math.max(...members) - Math.min(...members)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('weights so that class totals meet the ratio and the mean weight is 1', () => {
    fc.assert(
      fc.property(sizes, ratio, (counts, maxRatio) => {
        const rows = table(counts)
        const { rows: weighted, plan } = run(rows, 'weight', maxRatio)
        expect(weighted.map((r) => ({ ...r, weight: 1 }))).toEqual(rows)
        const totals = new Map<string, number>()
        for (const r of weighted) totals.set(r.label ?? '', (totals.get(r.label ?? '') ?? 0) + r.weight)
        expect(ratioOf(totals.values())).toBeLessThanOrEqual(maxRatio * (1 + 1e-12))
        expect(ratioOf(totals.values())).toBeCloseTo(plan.ratioAfter, 9)
        expect(weighted.reduce((sum, r) => sum + r.weight, 0) / rows.length).toBeCloseTo(1, 12)
      }),
    )
  })

  it('changes nothing with none, or when the classes are within the ratio', () => {
    const rows = table([9, 3])
    expect(run(rows, 'none').rows).toEqual(rows)
    expect(run(rows, 'none').plan).toMatchObject({ ratioBefore: 3, ratioAfter: 3 })
    for (const method of ['downsample', 'upsample', 'weight'] as const) {
      expect(run(table([6, 5, 4]), method).rows).toEqual(table([6, 5, 4]))
    }
  })

  it('a class of its own keeps its choice when another class grows', () => {
    const chosen = (counts: number[]) =>
      run(table(counts), 'downsample').rows.flatMap((r) => (r.label === 'class 0' ? [r.hash] : []))
    expect(chosen([40, 10])).toEqual(chosen([40, 10, 25]))
  })

  it('refuses augmentation by name', () => {
    expect(code(() => planBalance(new Map([['a', 1]]), { method: 'augment', maxRatio: 1.5 }))).toBe(
      'feature.unavailable',
    )
  })
})

describe('labels', () => {
  it('groups spellings that differ in case, spaces or punctuation', () => {
    expect(labelVariants(['card lost', 'Card_Lost', 'cardlost', 'pin', '神经科', '神经科 ', '!', '?'])).toEqual([
      ['Card_Lost', 'card lost', 'cardlost'],
      ['神经科', '神经科 '],
    ])
  })
})
