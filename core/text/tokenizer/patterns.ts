import { unsupported } from './limits.ts'

/*
 * Splitting patterns come from strangers, and a hostile regular expression can run for ever. So only published
 * patterns are accepted, by their exact text, and run as the expressions below, whose work is linear in the input.
 * Rust and Oniguruma read \s as the Unicode property White_Space, JavaScript does not (it adds U+FEFF and lacks
 * U+0085); hence \p{White_Space} throughout.
 */
const S = '\\p{White_Space}'
// (?i:) spelled out; Unicode case folding also takes U+017F for s.
const FOLDED = "(?:'[sS\\u017f]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
const SPACES = `${S}*[\\r\\n]+|${S}+(?!\\P{White_Space})|${S}+`

const expressions = {
  gpt2: `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${S}\\p{L}\\p{N}]+|${S}+(?!\\P{White_Space})|${S}+`,
  llama3: `${FOLDED}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^${S}\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  qwen2: `${FOLDED}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^${S}\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  qwen35: `${FOLDED}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^${S}\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${SPACES}`,
  punctuation: '[\\p{P}$+<=>^~|]+',
  ascii3: '[0-9][0-9][0-9]',
  digit: '\\p{N}',
  digits: '\\p{N}+',
  digits3: '\\p{N}{1,3}',
  cjk: '[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+',
  deepseek3:
    '[!"#$%&\'()*+,\\-.\\/:;<=>?@\\[\\\\\\]^_`\\{\\|\\}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+' +
    `| ?[\\p{P}\\p{S}]+[\\r\\n]*|${SPACES}`,
} as const

export type PatternName = keyof typeof expressions

const published = new Map<string, PatternName>([
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", 'gpt2'],
  ["'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", 'gpt2'],
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    'llama3',
  ],
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    'qwen2',
  ],
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    'qwen35',
  ],
  ['\\p{N}', 'digit'],
  ['\\p{N}{1,3}', 'digits3'],
  ['[一-龥\\u3040-ゟ゠-ヿ]+', 'cjk'],
  ['[一-龥぀-ゟ゠-ヿ]+', 'cjk'],
  [
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
    'deepseek3',
  ],
])

/** Finds the published pattern that a tokenizer file spells out; an unknown one is refused by its own text. */
export function patternByText(text: string): PatternName {
  const name = published.get(text)
  if (name === undefined) throw unsupported('splitting pattern', text)
  return name
}

const compiled = new Map<PatternName, RegExp>()

/** The expression of a pattern, global, to be used with a private `lastIndex`. */
export function expressionOf(name: PatternName): RegExp {
  let expression = compiled.get(name)
  if (expression === undefined) {
    expression = new RegExp(expressions[name], 'gu')
    compiled.set(name, expression)
  }
  return expression
}

/** Value of GGUF's `tokenizer.ggml.pre` → the splits in order and what goes with them (source: the published files). */
export interface GgufPre {
  readonly splits: readonly PatternName[]
  readonly nfc?: boolean
  readonly ignoreMerges?: boolean
  readonly addBos?: boolean
}

const GPT2: GgufPre = { splits: ['gpt2'] }
const LLAMA3: GgufPre = { splits: ['llama3'], ignoreMerges: true, addBos: true }
const QWEN2: GgufPre = { splits: ['qwen2'], nfc: true }
const DIGITS: GgufPre = { splits: ['digit', 'gpt2'] }

export const ggufPre: ReadonlyMap<string, GgufPre> = new Map([
  ['gpt-2', GPT2],
  ['phi-2', GPT2],
  ['llama3', LLAMA3],
  ['llama-v3', LLAMA3],
  ['llama-bpe', LLAMA3],
  ['qwen2', QWEN2],
  ['smollm', DIGITS],
  ['starcoder', DIGITS],
  ['refact', DIGITS],
  // What every reader does with a file whose converter did not know the tokenizer.
  ['default', { splits: ['punctuation', 'gpt2', 'digits', 'ascii3'] }],
  ['deepseek-v3', { splits: ['digits3', 'cjk', 'deepseek3'] }],
])
