import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { neverCancelled, randomStream, systemClock } from '../kit/index.ts'
import { findNearPairs, jaccard, NEAR_THRESHOLD, normaliseForComparison, shingles } from './near.ts'

const near = (a: string[], b: string[]) => findNearPairs(a, b, { cancel: neverCancelled })

/** Jaccard similarity with sets of strings, the definition itself. */
function reference(a: string, b: string): number {
  const grams = (text: string): Set<string> => {
    const plain = normaliseForComparison(text)
    const all = new Set<string>()
    for (let i = 0; i < plain.length; i++) {
      const gram = plain.slice(i, i + (/[\u3040-\u9fff\uac00-\udfff\uf900-\ufaff]/.test(plain[i]) ? 2 : 4))
      if (gram.length === (/[\u3040-\u9fff\uac00-\udfff\uf900-\ufaff]/.test(plain[i]) ? 2 : 4)) all.add(gram)
    }
    if (all.size === 0 && plain !== '') all.add(plain)
    return all
  }
  const [x, y] = [grams(a), grams(b)]
  const common = [...x].filter((gram) => y.has(gram)).length
  return x.size + y.size === 0 ? 0 : common / (x.size + y.size - common)
}

const words =
  'my card has not arrived yet please tell me why the transfer was declined abroad today 心 血 管 头 晕 发 烧 咳 嗽 怎 么 办'.split(
    ' ',
  )
const sentence = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 20 }).map((w) => w.join(' '))

describe('near duplicates', () => {
  it('finds small changes in English and Chinese, and not different questions', () => {
    const test = [
      'How do I activate my new debit card at home?',
      '我最近一周每天早上起床都觉得头晕，血压偏高怎么办？',
      'ok',
    ]
    expect(near(['how do I activate my new debit card, at home'], test)).toEqual([{ a: 0, b: 0, similarity: 1 }])
    expect(near(['我最近一周每天早上起床都觉得头晕，血压偏高该怎么办'], test)[0]).toMatchObject({ a: 0, b: 1 })
    expect(near(['ＯＫ！'], test)).toEqual([{ a: 0, b: 2, similarity: 1 }])
    expect(
      near(['How do I cancel my new direct debit?', '我孩子咳嗽两周，晚上加重，要不要拍胸片？', '', '!!'], test),
    ).toEqual([])
  })

  it('computes the Jaccard similarity of character n-grams', () => {
    fc.assert(
      fc.property(sentence, sentence, (a, b) => {
        expect(jaccard(shingles(a), shingles(b))).toBeCloseTo(reference(a, b), 10)
        const early = jaccard(shingles(a), shingles(b), NEAR_THRESHOLD)
        expect(early >= NEAR_THRESHOLD).toBe(reference(a, b) >= NEAR_THRESHOLD)
      }),
      { numRuns: 500 },
    )
  })

  it('finds what a comparison of all pairs finds', () => {
    const random = randomStream(7, 'near')
    const make = (): string =>
      Array.from({ length: 6 + random.int(15) }, () => words[random.int(words.length)]).join(' ')
    const test = Array.from({ length: 120 }, make)
    // Half of the training texts are a test text with a word or two changed.
    const train = Array.from({ length: 240 }, (_, i) => {
      const list = (i % 2 ? make() : test[random.int(test.length)]).split(' ')
      for (let k = random.int(3); k > 0; k--) list[random.int(list.length)] = words[random.int(words.length)]
      return list.join(' ')
    })
    const expected = train.flatMap((t, i) => (test.some((u) => reference(t, u) >= NEAR_THRESHOLD) ? [i] : []))
    const found = near(train, test)
    expect(expected.length).toBeGreaterThan(50)
    expect(found.map((p) => p.a)).toEqual(expected)
    for (const { a, b, similarity } of found) expect(similarity).toBeCloseTo(reference(train[a], test[b]), 10)
  })

  it('judges very long texts by a sample', () => {
    const random = randomStream(8, 'long')
    const long = Array.from({ length: 30_000 }, () => words[random.int(20)] + random.int(1000)).join(' ')
    const changed = `${long.slice(0, 100_000)}something else${long.slice(100_020)}`
    expect(near([changed], [long])[0]?.similarity).toBeGreaterThan(0.95)
    expect(near([long.slice(0, 60_000)], [long])).toEqual([])
  })

  it('compares 10,000 with 2,000 texts in a few seconds', () => {
    const random = randomStream(9, 'speed')
    const make = (): string => Array.from({ length: 14 }, () => words[random.int(words.length)]).join(' ')
    const start = systemClock.seconds()
    near(Array.from({ length: 10_000 }, make), Array.from({ length: 2000 }, make))
    expect(systemClock.seconds() - start).toBeLessThan(15)
  })
})
