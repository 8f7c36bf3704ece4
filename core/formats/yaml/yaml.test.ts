import { describe, expect, it } from 'vitest'
import { isAppError, randomStream } from '../../kit/index.ts'
import { readYaml, writeYaml, YAML_LIMITS } from './index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string): unknown => readYaml(bytes(text))

function refusal(text: string | Uint8Array): { code: string; data: Readonly<Record<string, unknown>> } {
  try {
    readYaml(typeof text === 'string' ? bytes(text) : text)
  } catch (error) {
    if (isAppError(error)) return { code: error.code, data: error.data }
    throw error
  }
  return { code: 'accepted', data: {} }
}

describe('readYaml', () => {
  it('reads the forms a recipe uses', () => {
    const text = 'a: 2.0e-4 # rate\nb: |-\n  one\n  {two}\nc: [q, "v"]\nd: {e: null, f: true}\ng:\n  - 1\n  - 0.5\n'
    expect(read(text)).toEqual({ a: 0.0002, b: 'one\n{two}', c: ['q', 'v'], d: { e: null, f: true }, g: [1, 0.5] })
  })

  it('reads every JSON text as JSON.parse does', () => {
    const json = '{\n\t"a": [1, -2.5e3, "x\\u4e2d\\n", {}],\n\t"b": {"c": null, "d": [], "e": false}\n}\n'
    expect(read(json)).toEqual(JSON.parse(json))
  })

  it('takes a byte order mark and Chinese text, and refuses other encodings', () => {
    expect(readYaml(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('名称: 分诊')]))).toEqual({ 名称: '分诊' })
    expect(refusal(new Uint8Array([0x61, 0x3a, 0x20, 0xd6, 0xd0])).code).toBe('recipe.encoding')
  })

  it('names line and column of a mistake', () => {
    expect(refusal('a: 1\nb: [1\nc: 2\n')).toMatchObject({ code: 'recipe.syntax', data: { line: 3 } })
    expect(refusal('a:\n\t- b')).toMatchObject({ code: 'recipe.syntax', data: { line: 2, column: 1 } })
    expect(refusal('a: 1\n---\nb: 1').code).toBe('recipe.syntax')
    expect(refusal('{"a": 1}x').code).toBe('recipe.syntax')
    expect(refusal('? [1]\n: 2')).toMatchObject({ code: 'recipe.syntax', data: { reason: 'KEY_NOT_TEXT' } })
    expect(refusal('a: *nowhere').code).toBe('recipe.syntax')
  })

  it('refuses repeated keys, in YAML and JSON', () => {
    expect(refusal('a: 1\nb: 2\na: 3\n')).toEqual({
      code: 'recipe.duplicate_key',
      data: { key: 'a', line: 3, column: 1 },
    })
    expect(refusal('{"seed": 1, "seed": 2}')).toMatchObject({ code: 'recipe.duplicate_key', data: { key: 'seed' } })
  })

  it('refuses tags, and keeps __proto__ an ordinary key', () => {
    for (const tag of ['!!js/function', '!foo', '!!python/object/apply:os.system', '!!binary']) {
      expect(refusal(`a: ${tag} x`), tag).toMatchObject({ code: 'recipe.tag', data: { line: 1 } })
    }
    expect(read('a: !!str 1')).toEqual({ a: '1' })
    const value = read('__proto__: {polluted: 1}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('expands references, but no bomb and no cycle', () => {
    expect(read('a: &t [q, v]\nb: *t')).toEqual({ a: ['q', 'v'], b: ['q', 'v'] })
    expect(read('a: &t 1\nb: *t\nc: &t 2\nd: *t')).toEqual({ a: 1, b: 1, c: 2, d: 2 })
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 12; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    expect(refusal(bomb.join('\n')).code).toBe('recipe.aliases')
    expect(['recipe.aliases', 'recipe.syntax']).toContain(refusal('a: &a [*a]').code)
  })

  it('ends early on size and depth', () => {
    expect(refusal(`a: ${'x'.repeat(YAML_LIMITS.bytes)}`).code).toBe('recipe.too_large')
    for (const open of ['[', '{', '{a: [', '- ', '? ', '[\n', "['']: ["]) {
      const started = performance.now()
      expect(refusal(open.repeat(20_000)).code, open).toMatch(/^recipe\.(too_deep|syntax|duplicate_key)$/)
      expect(performance.now() - started, open).toBeLessThan(3000)
    }
    expect(refusal(`${'['.repeat(30)}${']'.repeat(30)}`).code).toBe('accepted')
  })

  it('answers every mutated input with a value or a named error', () => {
    const count = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1000
    const seed = bytes(
      'name: t\nmodel: m # c\ndata:\n  train: [a.csv, "b.csv"]\n  columns: {text: &x t, label: *x}\nseed: 1e3\n',
    )
    const random = randomStream(7, 'yaml-fuzz')
    let refused = 0
    for (let i = 0; i < count; i++) {
      const mutated = Uint8Array.from(seed)
      for (let n = random.int(6); n >= 0; n--) {
        mutated[random.int(mutated.length)] =
          random.int(3) === 0 ? random.int(256) : ':-[]{}&*!?|>\'"#,\n\t '[random.int(19)]!.charCodeAt(0)
      }
      const { code } = refusal(mutated.subarray(0, 1 + random.int(mutated.length)))
      if (code !== 'accepted') {
        refused++
        expect(code).toMatch(/^recipe\./)
      }
    }
    expect(refused).toBeGreaterThan(count / 4)
    expect(refused).toBeLessThan(count)
  })
})

describe('writeYaml', () => {
  it('writes what readYaml reads back', () => {
    const value = {
      name: '分诊 yes',
      odd: ['yes', 'null', '1', '1e3', '~', ' x ', 'a: b', '# c', "'", '"', '', '\t', 'two\nlines\n', '{text}'],
      numbers: [1, 0.0002, 1.5e-9, -0, 1e21],
      nested: { empty: {}, list: [], none: null, yes: true },
    }
    expect(read(writeYaml(value))).toEqual(value)
    const shared = ['q_proj']
    expect(writeYaml({ a: shared, b: shared })).not.toContain('*')
  })
})
