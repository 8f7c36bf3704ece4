import { describe, expect, it } from 'vitest'
import {
  characterFeatures,
  fitLogistic,
  gradient,
  probabilities,
  stratifiedSplit,
  TfidfVectorizer,
  wordFeatures,
} from './tfidf-logreg.ts'

const texts = [
  'red apple pie',
  'green apple tart',
  'blue sea wave',
  'deep blue sea',
  'fast red car',
  'old car old road',
  'apple car show',
]
const targets = [0, 0, 1, 1, 2, 2, 0]
const questions = ['red car on the road', 'apple sea', 'old old apple pie']

/** scikit-learn 1.x: TfidfVectorizer(ngram_range=(1,2), sublinear_tf=True), LogisticRegression(C=3, tol=1e-12). */
const reference = {
  plain: [
    [0.287738, 0.140615, 0.571648],
    [0.516524, 0.32034, 0.163136],
    [0.547468, 0.147874, 0.304658],
  ],
  balanced: [
    [0.240026, 0.14087, 0.619104],
    [0.452075, 0.36702, 0.180906],
    [0.480966, 0.16465, 0.354384],
  ],
}

describe('TF-IDF', () => {
  it('gives the values of scikit-learn', () => {
    const vectorizer = new TfidfVectorizer(texts, wordFeatures)
    expect(vectorizer.size).toBe(28)
    const values = [...vectorizer.transform('old old apple pie').value].sort()
    for (const [i, value] of [0.30618, 0.431525, 0.431525, 0.730635].entries()) expect(values[i]).toBeCloseTo(value, 5)
  })

  it('leaves unknown features out and survives a text without a known one', () => {
    const row = new TfidfVectorizer(texts, wordFeatures).transform('nothing known')
    expect(row.index.length).toBe(0)
  })

  it('cuts characters into 1- to 3-grams', () => {
    expect(characterFeatures('Ab咳')).toEqual(['a', 'b', '咳', 'ab', 'b咳', 'ab咳'])
  })
})

describe('logistic regression', () => {
  const vectorizer = new TfidfVectorizer(texts, wordFeatures)
  const rows = texts.map((text) => vectorizer.transform(text))
  for (const kind of ['plain', 'balanced'] as const) {
    it(`finds the optimum of scikit-learn (${kind})`, () => {
      const options = { size: vectorizer.size, classes: 3, C: 3, balanced: kind === 'balanced', steps: 2000 }
      const model = fitLogistic(rows, targets, options)
      expect(Math.max(...gradient(model, { rows, targets }, options).map(Math.abs))).toBeLessThan(1e-6)
      for (const [i, question] of questions.entries()) {
        const p = probabilities(model, vectorizer.transform(question))
        for (let c = 0; c < 3; c++) expect(p[c]).toBeCloseTo(reference[kind][i]?.[c] as number, 4)
      }
    })
  }
})

describe('stratified split', () => {
  it('takes the share of every class, covers every row once and depends on the seed', () => {
    const labels = [...'aaaaaaaaaabbbbb']
    const { train, test } = stratifiedSplit(labels, 0.2, 1)
    expect(test.map((i) => labels[i]).join('')).toBe('aab')
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...labels.keys()])
    expect(stratifiedSplit(labels, 0.2, 1).test).toEqual(test)
    expect([2, 3, 4, 5].some((seed) => stratifiedSplit(labels, 0.2, seed).test.join() !== test.join())).toBe(true)
  })
})
