import { describe, expect, it } from 'vitest'
import { AppError } from '../../kit/error.ts'
import { parseRecipe, recipeKeyRule, recipeKeys } from '../recipe/index.ts'
import { describeError, fill, isDefect } from './describe.ts'

function caught(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('describeError', () => {
  it('fills a named error in both languages and keeps its facts', () => {
    const error = caught(() => parseRecipe({ model: 'm', data: { train: 'a' }, train: { learningRte: 1 } }))
    const data = { path: 'train.learningRte', key: 'learningRte', nearest: 'learningRate' }
    expect(describeError(error, 'en')).toEqual({
      code: 'recipe.unknown_key',
      message: 'The recipe has no key "train.learningRte", so nothing was done.',
      hint: 'The nearest one is "learningRate". Correct the spelling or remove the key.',
      data,
      exit: 3,
    })
    const zh = describeError(error, 'zh')
    expect(zh.message).toBe('配方中没有“train.learningRte”这个键，因此没有执行任何操作。')
    expect(zh.data).toEqual(data)
  })

  it('translates the rules of the recipe, but never a value', () => {
    const error = caught(() => parseRecipe({ model: 'm', data: { train: 'a' }, train: { warmup: 'text' } }))
    expect(describeError(error, 'zh').message).toBe(
      '配方中“train.warmup”的值不可用，因此没有执行任何操作。应为：数字 0…1（占总步数的比例） | 大于 1 的整数（步数）；实际为："text"。',
    )
    const missing = caught(() => parseRecipe({ data: { train: 'a' } }))
    expect(describeError(missing, 'zh').message).toContain('实际为：缺失')
    for (const key of recipeKeys()) {
      const expected = recipeKeyRule(key)
      const text = describeError(new AppError('recipe.invalid', { path: key, expected, got: '1' }), 'zh').message
      expect(text, key).not.toMatch(/\b(integer|number|list of|object|above|at most|together|share|paths?)\b/)
    }
  })

  it('names errors of the operating system', () => {
    const table = {
      ENOENT: ['file.not_found', 3],
      ENOSPC: ['disk.full', 5],
      EACCES: ['file.denied', 3],
      EIO: ['disk.failing', 5],
    }
    for (const [code, [name, exit]] of Object.entries(table)) {
      const error = Object.assign(new Error(`${code}: no`), { code, path: '/some/file' })
      expect(describeError(error, 'en')).toMatchObject({ code: name, exit, data: { path: '/some/file' } })
      expect(describeError(error, 'en').message).toContain('/some/file')
    }
  })

  it('never shows the text of an unknown error: it may hold content of rows', () => {
    const secret = caught(() => JSON.parse('{"name": "Zhang San" oops'))
    const shown = describeError(secret, 'zh', { log: '/logs/x.log' })
    expect(shown).toMatchObject({ code: 'internal.unexpected', exit: 1, data: { kind: 'SyntaxError' } })
    expect(JSON.stringify(shown)).not.toMatch(/Zhang|oops/)
    expect(shown.hint).toContain('/logs/x.log')
    for (const odd of ['text', 7, null, undefined, { code: 'x' }, new AppError('no.such.code')]) {
      expect(describeError(odd, 'en')).toMatchObject({ code: 'internal.unexpected', exit: 1 })
    }
    expect(describeError(new AppError('toString'), 'en').code).toBe('internal.unexpected')
  })

  it('gives facts that JSON can hold', () => {
    const error = new AppError('disk.full', { path: 'a', bytes: 2n ** 70n, small: 5n, odd: Number.NaN })
    expect(describeError(error, 'en').data).toEqual({ path: 'a', bytes: String(2n ** 70n), small: 5, odd: 'NaN' })
  })

  it('tells defects from the rest', () => {
    expect(isDefect(new TypeError('x'))).toBe(true)
    expect(isDefect(new AppError('internal.invariant', { message: 'x' }))).toBe(true)
    expect(isDefect(new AppError('job.cancelled'))).toBe(false)
  })
})

describe('fill', () => {
  it('joins lists, separates thousands, leaves names of places alone, shows a missing fact as a dash', () => {
    expect(fill('{a} {b} {line} {none} {empty}', { a: ['x', 'y'], b: 1234567, line: 1234, empty: [] }, 'en')).toBe(
      'x, y 1,234,567 1234 — —',
    )
    expect(fill('{a}', { a: ['x', 'y'] }, 'zh')).toBe('x、y')
    expect(fill('{a} {b}', { a: 0.00021, b: 0.12345678 }, 'en')).toBe('2.1E-4 0.123457')
    expect(fill('{a}', { a: '{b}', b: 'no' }, 'en')).toBe('{b}')
  })
})
