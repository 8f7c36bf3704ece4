import { AppError, type ReadHandle } from '../kit/index.ts'
import { excerpt } from './names.ts'
import { pickleProtocol } from './pickle.ts'
import { openPlainFile, readExactly } from './plain-file.ts'
import { zipEntryNames } from './zip-names.ts'

/** Bytes looked at from the beginning of a file. */
const HEAD_BYTES = 64 * 1024

export type ModelFileKind = 'safetensors' | 'gguf'

/**
 * Tells what a file is by its content, never by its name. Throws `format.pickle` for Python pickles (bare, or inside a
 * torch archive), `format.gguf.legacy` for the predecessors of GGUF, `format.pointer` for a large-file pointer left by
 * an incomplete download, `format.unknown` for everything else. Only the file's outline is read; the reader of the
 * kind found does the real checks.
 */
export function detectModelFile(path: string): ModelFileKind {
  const file = openPlainFile(path)
  try {
    refusePickle(file)
    const head = readHead(file)
    if (startsWith(head, 'GGUF')) return 'gguf'
    if (looksLikeSafetensors(head)) return 'safetensors'
    if (LEGACY_MAGIC.some((magic) => startsWith(head, magic))) throw new AppError('format.gguf.legacy', { path })
    if (startsWith(head, 'version https://git-lfs.github.com/spec/')) throw new AppError('format.pointer', { path })
    throw new AppError('format.unknown', { path, begins: hex(head.subarray(0, 8)) })
  } finally {
    file.close()
  }
}

/**
 * Throws `format.pickle` when the content is a pickle or an archive that holds one, whatever the file is called. What
 * begins as GGUF or safetensors is left to those strict readers: the length in front of a safetensors header may by
 * chance spell the first opcodes.
 */
export function refusePickle(file: ReadHandle): void {
  const head = readHead(file)
  if (startsWith(head, 'GGUF') || looksLikeSafetensors(head)) return
  const { path } = file
  const protocol = pickleProtocol(head)
  if (protocol !== undefined) throw new AppError('format.pickle', { path, container: `protocol ${protocol}` })
  const pickled = zipEntryNames(file).find((name) => /\.(?:pkl|pickle)$/i.test(name))
  if (pickled !== undefined) throw new AppError('format.pickle', { path, container: `zip: ${excerpt(pickled)}` })
}

/** Names of the formats before GGUF, as their 32-bit magic numbers lie in the file. */
const LEGACY_MAGIC = ['lmgg', 'tjgg', 'fmgg', 'algg']

/** Eight bytes of a length below 2^32, then a brace. Text cannot look like this: it holds no zero bytes. */
function looksLikeSafetensors(head: Uint8Array): boolean {
  return head.length > 8 && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0 && head[8] === 0x7b
}

function readHead(file: ReadHandle): Uint8Array {
  const head = new Uint8Array(Math.min(HEAD_BYTES, file.size))
  readExactly(file, head, 0)
  return head
}

function startsWith(head: Uint8Array, ascii: string): boolean {
  return head.length >= ascii.length && [...ascii].every((char, i) => head[i] === char.charCodeAt(0))
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
