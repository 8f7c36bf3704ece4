import { fallbackByte, readBytes } from './byte-alphabet.ts'
import type { DecodeStep } from './spec.ts'
import { utf8 } from './utf8.ts'

/** One token to write out; an added token stands for its own text, never for bytes. */
export interface Shown {
  readonly text: string
  readonly added: boolean
}

// A byte order mark is content here; malformed bytes become U+FFFD.
const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Turns tokens back into text. Without any step the tokens are joined by spaces, as published readers do. */
export function decodeTokens(tokens: readonly Shown[], steps: readonly DecodeStep[]): string {
  if (steps.length === 0) return tokens.map((token) => token.text).join(' ')
  let texts = tokens
  for (const step of steps) texts = apply(texts, step)
  return texts.map((token) => token.text).join('')
}

function apply(tokens: readonly Shown[], step: DecodeStep): readonly Shown[] {
  switch (step.kind) {
    case 'bytes':
      return [plain(fromBytes(tokens))]
    case 'replace':
      return tokens.map((token) => ({ ...token, text: token.text.replaceAll(step.from, () => step.to) }))
    case 'byteFallback':
      return byteFallback(tokens)
    case 'fuse':
      return [plain(tokens.map((token) => token.text).join(''))]
    case 'metaspace':
      return tokens.map((token, i) => ({
        ...token,
        text: token.text.replaceAll(step.mark, () => (i === 0 && step.trimFirst ? '' : ' ')),
      }))
    case 'strip':
      return tokens.map((token) => ({ ...token, text: strip(token.text, step) }))
    case 'wordpiece':
      return tokens.map((token, i) => ({ ...token, text: wordPiece(token.text, i, step) }))
  }
}

function plain(text: string): Shown {
  return { text, added: false }
}

function fromBytes(tokens: readonly Shown[]): string {
  const bytes: number[] = []
  for (const token of tokens) {
    const own = token.added ? undefined : readBytes(token.text)
    for (const byte of own ?? utf8(token.text)) bytes.push(byte)
  }
  return lossy.decode(Uint8Array.from(bytes))
}

/** Runs of `<0xNN>` become text; a run that is not UTF-8 becomes one U+FFFD per byte. */
function byteFallback(tokens: readonly Shown[]): Shown[] {
  const out: Shown[] = []
  let run: number[] = []
  const flush = (): void => {
    if (run.length > 0) out.push(plain(readRun(run)))
    run = []
  }
  for (const token of tokens) {
    const byte = token.added ? undefined : fallbackByte(token.text)
    if (byte !== undefined) run.push(byte)
    else {
      flush()
      out.push(token)
    }
  }
  flush()
  return out
}

function readRun(run: readonly number[]): string {
  try {
    return strict.decode(Uint8Array.from(run))
  } catch {
    return '\ufffd'.repeat(run.length)
  }
}

function strip(text: string, step: Extract<DecodeStep, { kind: 'strip' }>): string {
  let begin = 0
  let end = text.length
  for (let n = 0; n < step.start && text.startsWith(step.text, begin) && begin < end; n++) begin += step.text.length
  for (let n = 0; n < step.stop && end - step.text.length >= begin; n++) {
    if (!text.endsWith(step.text, end)) break
    end -= step.text.length
  }
  return text.slice(begin, end)
}

// Clean-up of English spacing, in the order in which BERT's readers apply it.
const CLEANUP: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]

function wordPiece(token: string, index: number, step: Extract<DecodeStep, { kind: 'wordpiece' }>): string {
  let text = token
  if (index > 0) text = token.startsWith(step.prefix) ? token.slice(step.prefix.length) : ` ${token}`
  if (step.cleanup) for (const [from, to] of CLEANUP) text = text.replaceAll(from, to)
  return text
}
