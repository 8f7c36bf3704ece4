import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../kit/index.ts'
import { JsonReader } from './json-reader.ts'

class Refused extends Error {}

function accepts(text: string): boolean {
  const reader = new JsonReader(text, (at) => new Refused(String(at)) as never)
  try {
    reader.skipValue(100)
    reader.end()
    return true
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}

function engineAccepts(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('JsonReader', () => {
  it('accepts every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 3 }), (json, indent) => {
        expect(accepts(JSON.stringify(JSON.parse(json), null, indent))).toBe(true)
      }),
    )
  })

  it('refuses exactly what the JavaScript engine refuses', () => {
    const random = randomStream(3, 'json')
    const alphabet = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '0',
      '-',
      '.5',
      'e3',
      'E+',
      'true',
      'null',
      ' ',
      '\n',
      '\\n',
      '\\u00e',
      '\u0007',
      'é',
    ]
    let refused = 0
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: 1 + random.int(8) }, () => alphabet[random.int(alphabet.length)]).join('')
      expect(accepts(text), JSON.stringify(text)).toBe(engineAccepts(text))
      if (!engineAccepts(text)) refused++
    }
    expect(refused).toBeGreaterThan(1000)
    expect(refused).toBeLessThan(20_000)
  })

  it('reads strings as the JavaScript engine does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = JSON.stringify(text)
        expect(new JsonReader(escaped, () => new Refused() as never).string()).toBe(text)
      }),
    )
  })

  it('takes naturals as digits only', () => {
    const natural = (text: string) => new JsonReader(text, () => new Refused() as never).natural()
    expect(['0', '7', '9007199254740991'].map(natural)).toEqual([0, 7, 9007199254740991])
    for (const text of ['-1', '-0', '1.0', '1e2', '9007199254740992', '"1"', 'null', '[]']) {
      expect(natural(text), text).toBeUndefined()
    }
  })

  it('is not stopped by megabytes of spaces or digits', () => {
    expect(accepts(`${' '.repeat(5e6)}1${' '.repeat(5e6)}`)).toBe(true)
    expect(accepts('9'.repeat(5e6))).toBe(true)
  })
})
