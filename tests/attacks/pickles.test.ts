import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detectModelFile, openGguf, openSafetensors, openTensorFile } from '../../core/formats/tensors.ts'
import { refusalOf } from '../support/app-error.ts'
import { concat, u64, utf8, zeros } from '../support/bytes.ts'
import { goodGguf } from '../support/gguf-writer.ts'
import { goodSafetensors, member, safetensorsFile } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder()
const fixture = new URL('../fixtures/tensors/pickles.json', import.meta.url)
/** Pickles written by Python, torch and joblib (base64); their calls only print. */
const pickles = Object.entries(JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string>)

describe('P-15 pickles are refused by content, not by name', () => {
  const names = ['model.safetensors', 'model.gguf', 'pytorch_model.bin', 'notes.txt']
  it.each(pickles)('%s', (_, base64) => {
    const content = Buffer.from(base64, 'base64')
    for (const name of names) {
      const path = folder.put(name, content)
      for (const open of [detectModelFile, openTensorFile, openSafetensors, openGguf]) {
        expect(
          refusalOf(() => open(path)),
          `${open.name} ${name}`,
        ).toBe('format.pickle')
      }
    }
  })

  it('has the protocols 0 to 5, both torch containers and calls that would run', () => {
    const kinds = pickles.map(([name]) => name).join('; ')
    for (const kind of ['protocol 0', 'protocol 5', 'torch archive', 'torch before archives', 'call, then garbage']) {
      expect(kinds).toContain(kind)
    }
  })

  it('does not take a safetensors file for a pickle because its length spells the first opcodes', () => {
    // Length 0x4b0280: bytes 80 02 4b are PROTO 2 and BININT1. The header is padded with spaces to that length.
    const length = 0x4b0280
    const header = `{${member('a', 'F32', [1], 0, 4)}}`.padEnd(length)
    const path = folder.put('padded', safetensorsFile(header, zeros(4)))
    expect(detectModelFile(path)).toBe('safetensors')
    openSafetensors(path).close()
  })

  it('does not take weights that contain a pickle for a pickle', () => {
    const payload = Buffer.from(pickles[0][1], 'base64')
    const header = `{${member('a', 'U8', [payload.length], 0, payload.length)}}`
    const source = openSafetensors(folder.put('inside', safetensorsFile(header, payload)))
    expect(Buffer.compare(source.readBytes('a'), payload)).toBe(0)
    source.close()
  })
})

describe('P-15 what is neither safetensors nor GGUF is refused by content', () => {
  it.each([
    ['gguf', 'a.safetensors', goodGguf()],
    ['safetensors', 'a.gguf', goodSafetensors()],
  ] as const)('recognises %s under a wrong name', (kind, name, content) => {
    const path = folder.put(name, content)
    expect(detectModelFile(path)).toBe(kind)
    const source = openTensorFile(path)
    expect(source.kind).toBe(kind)
    source.close()
  })

  const html = '<!DOCTYPE html><html><body>Sign in</body></html>'
  it.each([
    ['HTML', 'format.unknown', utf8(html)],
    ['JSON', 'format.unknown', utf8('{"model_type": "llama", "hidden_size": 64}')],
    ['plain text', 'format.unknown', utf8('The quick brown fox. It jumps.\n')],
    ['Chinese text', 'format.unknown', utf8('这是一个文本文件。')],
    ['text that begins like a pickle', 'format.unknown', utf8('Invoices of 2024, all paid.\n')],
    ['one byte', 'format.unknown', utf8('.')],
    ['zeros', 'format.unknown', zeros(4096)],
    ['ELF program', 'format.unknown', concat(utf8('\x7fELF'), zeros(60))],
    ['zip without a pickle', 'format.unknown', emptyZip()],
    ['numpy array', 'format.unknown', concat(Uint8Array.of(0x93), utf8('NUMPY\x01\0'), zeros(120))],
    [
      'large-file pointer',
      'format.pointer',
      utf8('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    ],
    ['ggml file', 'format.gguf.legacy', concat(utf8('lmgg'), zeros(60))],
    ['ggjt file', 'format.gguf.legacy', concat(utf8('tjgg'), zeros(60))],
    ['empty file', 'format.file_empty', zeros(0)],
    ['length without a header', 'format.unknown', u64(16)],
  ] as const)('%s → %s', (name, code, content) => {
    const path = folder.put('model.safetensors', content)
    expect(
      refusalOf(() => detectModelFile(path)),
      name,
    ).toBe(code)
  })

  it('names a missing file and a folder', () => {
    expect(refusalOf(() => detectModelFile(`${folder.path}/none`))).toBe('format.file_missing')
    expect(refusalOf(() => detectModelFile(folder.path))).toBe('format.not_a_file')
  })
})

function emptyZip(): Uint8Array {
  return concat(utf8('PK\x05\x06'), zeros(18))
}
