import { fileURLToPath } from 'node:url'
import { openForReading } from '../../kit/index.ts'
import { loadTokenizerGguf, loadTokenizerJson, type Tokenizer } from '../tokenizer/index.ts'

/** Reads what tests need from tests/fixtures; used by tests only. */
const ROOT = fileURLToPath(new URL('../../../tests/fixtures/', import.meta.url))

export function readBytes(name: string): Uint8Array {
  const file = openForReading(ROOT + name)
  const bytes = new Uint8Array(file.size)
  file.readInto(bytes, 0)
  file.close()
  return bytes
}

export function readText(name: string): string {
  return new TextDecoder().decode(readBytes(name))
}

export function readJson(name: string): unknown {
  return JSON.parse(readText(name))
}

export const tokenizerNames = [
  'bpe-bytelevel',
  'bpe-qwen2',
  'bpe-llama3',
  'bpe-spm-llama2',
  'unigram-metaspace',
  'wordpiece-bert-zh',
] as const

export function jsonTokenizer(name: string, changed?: unknown): Tokenizer {
  return loadTokenizerJson(
    changed ?? readJson(`tokenizers/${name}/tokenizer.json`),
    readJson(`tokenizers/${name}/tokenizer_config.json`),
  )
}

export function ggufTokenizer(name: string): Tokenizer {
  return loadTokenizerGguf(ggufMetadata(readBytes(`tokenizers/${name}.gguf`)))
}

/** The metadata of a small, trusted GGUF file, read without the product's own reader, which lives in a sibling layer. */
export function ggufMetadata(bytes: Uint8Array): Map<string, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 16
  const uint64 = (): number => {
    at += 8
    return Number(view.getBigUint64(at - 8, true))
  }
  const text = (): string => {
    const length = uint64()
    at += length
    return new TextDecoder().decode(bytes.subarray(at - length, at))
  }
  const uint32 = (): number => {
    at += 4
    return view.getUint32(at - 4, true)
  }
  const value = (type: number): unknown => {
    switch (type) {
      case 4:
        return uint32()
      case 5:
        at += 4
        return view.getInt32(at - 4, true)
      case 6:
        at += 4
        return view.getFloat32(at - 4, true)
      case 7:
        at += 1
        return view.getUint8(at - 1) === 1
      case 8:
        return text()
      case 9: {
        const inner = uint32()
        return Array.from({ length: uint64() }, () => value(inner))
      }
      default:
        throw new Error(`type ${type} is not read here`)
    }
  }
  const metadata = new Map<string, unknown>()
  for (let count = uint64(); count > 0; count--) {
    const key = text()
    metadata.set(key, value(uint32()))
  }
  return metadata
}
