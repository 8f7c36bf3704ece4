import type { Normalizer } from './spec.ts'

/** Applies the steps in order to one stretch of ordinary text (between added tokens). */
export function normalize(text: string, steps: readonly Normalizer[]): string {
  let out = text
  for (const step of steps) out = apply(out, step)
  return out
}

function apply(text: string, step: Normalizer): string {
  switch (step.kind) {
    case 'unicode':
      return text.normalize(step.form)
    case 'replace':
      return text.replaceAll(step.from, () => step.to)
    case 'spaces':
      return text.replace(/ {2,}/g, () => step.to)
    case 'prepend':
      return text === '' ? '' : step.text + text
    case 'lowercase':
      return text.toLowerCase()
    case 'bert':
      return bert(text, step)
  }
}

const CONTROL = /[\p{Cc}\p{Cf}\p{Co}]/u
// The blocks BERT calls Chinese characters (ideographs only, no kana, no hangul).
const CHINESE =
  /[\u{4e00}-\u{9fff}\u{3400}-\u{4dbf}\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{f900}-\u{faff}\u{2f800}-\u{2fa1f}]/gu

function bert(text: string, step: Extract<Normalizer, { kind: 'bert' }>): string {
  let out = text
  if (step.cleanText) {
    let clean = ''
    for (const character of out) {
      if (character === '\t' || character === '\n' || character === '\r') clean += ' '
      else if (character === '\u0000' || character === '\ufffd' || CONTROL.test(character)) continue
      else clean += /\p{White_Space}/u.test(character) ? ' ' : character
    }
    out = clean
  }
  if (step.chinese) out = out.replace(CHINESE, (character) => ` ${character} `)
  if (step.stripAccents) out = out.normalize('NFD').replace(/\p{Mn}/gu, '')
  // Character by character: Rust's per-character lower case knows no final sigma.
  if (step.lowercase) out = Array.from(out, (character) => character.toLowerCase()).join('')
  return out
}
