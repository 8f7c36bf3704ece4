import { closeSync, openSync, writeSync } from 'node:fs'
import { randomStream } from '../core/kit/index.ts'

/** Bytes collected before they are written. */
const CHUNK = 1 << 20

const WORDS =
  'account after bank, card charged "pending" fee how the transfer was why 您好 银行卡 转账 为什么 还没有 到账'.split(
    ' ',
  )
const LABELS = [
  'card arrival',
  'exchange rate',
  'lost card',
  'pin blocked',
  'refund',
  'transfer fee',
  '余额查询',
  '转账延迟',
]

/**
 * Writes a seeded table of three columns (`id`, `text`, `label`) as CSV: quotes, commas, line breaks inside cells and
 * Chinese text occur as in real exports. Memory stays bounded. Returns its size in bytes.
 */
export function writeTable(path: string, rows: number, seed: number): number {
  const random = randomStream(seed, 'bench-table')
  const file = openSync(path, 'wx', 0o600)
  let bytes = 0
  let text = 'id,text,label\n'
  const flush = (): void => {
    bytes += writeSync(file, text)
    text = ''
  }
  try {
    for (let i = 0; i < rows; i++) {
      const words = Array.from({ length: 6 + random.int(12) }, () => WORDS[random.int(WORDS.length)])
      if (random.int(50) === 0) words.splice(3, 0, '\n')
      const label = LABELS[random.int(LABELS.length)]
      // The number keeps rows apart, as in a real table; a few repeat an earlier one's text.
      text += `${i + 1},${quoted(`${words.join(' ')} ${random.int(10 * rows)}`)},${label}\n`
      if (text.length > CHUNK) flush()
    }
    flush()
    return bytes
  } finally {
    closeSync(file)
  }
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
