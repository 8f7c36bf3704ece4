import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openGguf, openSafetensors } from '../../core/formats/tensors.ts'
import { isAppError } from '../../core/kit/index.ts'
import { goodGguf } from '../support/gguf-writer.ts'
import { goodSafetensors } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder()
const fixture = (name: string) => readFileSync(new URL(`../fixtures/tensors/${name}`, import.meta.url))

function codeAt(open: (path: string) => { close(): void }, whole: Uint8Array, length: number): string {
  try {
    open(folder.put('cut', whole.subarray(0, length))).close()
  } catch (error) {
    if (isAppError(error)) return error.code.replace(/^format\./, '')
    throw error
  }
  return 'none'
}

describe('P-10 safetensors cut off at every byte', () => {
  const whole = goodSafetensors()
  const headerEnd = 8 + whole[0]

  it('names the cause by where the cut is', () => {
    for (let length = 0; length < whole.length; length++) {
      const expected =
        length === 0
          ? 'file_empty'
          : length < 8
            ? 'safetensors.too_short'
            : length < headerEnd
              ? 'safetensors.header_truncated'
              : 'safetensors.data_truncated'
      expect(codeAt(openSafetensors, whole, length), `cut at ${length}`).toBe(expected)
    }
    expect(codeAt(openSafetensors, whole, whole.length)).toBe('none')
  })
})

/** Cuts of a real GGUF header: a count, text or array that no longer fits, or a field that is not there any more. */
const GGUF_CUTS = /^gguf\.(?:truncated|count|string_length|array_length|data_truncated)$/

describe('P-10 GGUF cut off at every byte', () => {
  const whole = goodGguf()
  // Boundaries of goodGguf: 24 bytes of counts; key 8 + 20, type 4, text 8 + 5; key 8 + 17, type 4, value 4; tensors.
  it.each([
    [3, 'truncated'],
    [4, 'truncated'],
    [8, 'truncated'],
    [15, 'truncated'],
    [16, 'count'],
    [24 + 2 * 14, 'count'],
    [16 + 2 * 25 - 1, 'count'],
    [24 + 28 + 4 + 8 + 4, 'string_length'],
    [24 + 28 + 4 + 8 + 5, 'truncated'],
    [whole.length - 48 - 32, 'truncated'],
    [whole.length - 48 - 1, 'data_truncated'],
    [whole.length - 48, 'data_truncated'],
    [whole.length - 1, 'data_truncated'],
    [whole.length, 'none'],
  ])('cut at %d → %s', (length, expected) => {
    expect(codeAt(openGguf, whole, length).replace('gguf.', '')).toBe(expected)
  })

  it('is refused at every other byte too', () => {
    for (let length = 1; length < whole.length; length++) {
      expect(codeAt(openGguf, whole, length), `cut at ${length}`).toMatch(GGUF_CUTS)
    }
  })

  it.each([
    ['metadata.gguf', 972, 1], // its end is padding, which may be missing
    ['llama.Q4_1.gguf', 30_176, 41],
  ] as const)('is refused in %s, up to byte %d in steps of %d', (name, end, step) => {
    const real = fixture(name)
    for (let length = 1; length < end; length += step) {
      expect(codeAt(openGguf, real, length), `cut at ${length}`).toMatch(GGUF_CUTS)
    }
  })
})
