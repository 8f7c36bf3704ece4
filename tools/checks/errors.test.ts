import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../core/contract/errors/index.ts'
import { sourceFiles } from '../layers/files.ts'
import { codeTexts, errorSites, placeholders } from './errors.ts'

const isTest = (file: string): boolean => /\.(test|testing)\.ts$/.test(file)
const isCatalogue = (file: string): boolean =>
  file.startsWith('core/contract/errors/') && !file.endsWith('/describe.ts')

const files = [...sourceFiles(['core', 'tools', 'bench'])].filter(([file]) => !isTest(file) && !isCatalogue(file))
const sites = files.flatMap(([file, text]) => errorSites(file, text))

describe('error catalogue', () => {
  it('has a text for every error in the source', () => {
    expect(sites.length).toBeGreaterThan(50)
    const missing = sites.filter(({ code }) => !Object.hasOwn(errorCatalogue, code))
    expect(missing.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([])
  })

  it('has no text that nothing uses', () => {
    const used = new Set(files.flatMap(([, text]) => codeTexts(text)))
    expect(Object.keys(errorCatalogue).filter((code) => !used.has(code))).toEqual([])
  })

  it('asks only for facts that the errors bring', () => {
    const orphans = sites.flatMap(({ file, line, code, facts }) => {
      const entry = errorCatalogue[code]
      if (entry === undefined || facts === undefined) return []
      const wanted = [entry.zh, entry.en].flatMap(({ message, hint }) => placeholders(message + hint))
      return [...new Set(wanted)]
        .filter((name) => !facts.includes(name) && !(code === 'internal.invariant' && name === 'log')) // added when shown
        .map((name) => `${file}:${line} ${code} {${name}}`)
    })
    expect(orphans).toEqual([])
  })

  it('says everything in both languages', () => {
    for (const [code, { zh, en }] of Object.entries(errorCatalogue)) {
      expect(code).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/)
      for (const text of [zh.message, zh.hint]) expect(text, code).toMatch(/\p{Script=Han}/u)
      for (const text of [en.message, en.hint]) {
        expect(text, code).toMatch(/[a-z]/)
        expect(text, code).not.toMatch(/\p{Script=Han}/u)
      }
    }
  })
})

describe('the check itself', () => {
  it('finds codes and facts', () => {
    const source = `
      // new AppError('in.comment')
      throw new AppError('a.b', { x, y: f({ z: 1 }), 'w': [1, 2] }, { cause })
      const e = new AppError('c.d')
      new AppError('e.f', { ...rest, x }); new AppError('g.h', facts); new AppError(code, { x })
      fail('i.j', text)`
    expect(errorSites('f', source)).toEqual([
      { file: 'f', line: 3, code: 'a.b', facts: ['x', 'y', 'w'] },
      { file: 'f', line: 4, code: 'c.d', facts: [] },
      { file: 'f', line: 5, code: 'e.f', facts: undefined },
      { file: 'f', line: 5, code: 'g.h', facts: undefined },
    ])
    expect(codeTexts(source)).toEqual(['a.b', 'c.d', 'e.f', 'g.h', 'i.j'])
    expect(placeholders('{a} and {b}, not { c }')).toEqual(['a', 'b'])
  })
})
