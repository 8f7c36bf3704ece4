import { AppError } from '../../kit/error.ts'
import { errorCatalogue } from './index.ts'

/** What a person and a script see of an error; the shape of `{"error": …}` plus the exit code. */
export interface ErrorDescription {
  code: string
  message: string
  hint: string
  data: Readonly<Record<string, unknown>>
  exit: 1 | 2 | 3 | 4 | 5 | 130
}

/**
 * Describes any thrown value in one language. Named errors keep their code; errors of the operating system become
 * named ones; everything else is a defect of ours, whose own text may hold content of rows and is therefore never shown.
 * @param facts.log path of the log that holds the stack trace of a defect
 */
export function describeError(error: unknown, lang: 'zh' | 'en', facts: { log?: string } = {}): ErrorDescription {
  const named = namedError(error, facts.log)
  const entry = Object.hasOwn(errorCatalogue, named.code) ? errorCatalogue[named.code] : undefined
  // A code without a text is a defect too, but the code itself still helps.
  if (entry === undefined) return describeError(unexpected(`code ${named.code}`, facts.log), lang, facts)
  const { message, hint } = entry[lang]
  const data = jsonData(named.data)
  const ruled = lang === 'zh' && RULED.test(named.code) ? { ...data, ...chineseRules(data) } : data
  return {
    code: named.code,
    message: fill(message, ruled, lang),
    hint: fill(hint, ruled, lang),
    data,
    exit: entry.exit,
  }
}

/** True when the error is a defect of ours, so that its stack belongs into a log. */
export function isDefect(error: unknown): boolean {
  return describeError(error, 'en').exit === 1
}

function namedError(error: unknown, log: string | undefined): AppError {
  if (error instanceof AppError) {
    return log !== undefined && /^internal\.(invariant|unexpected)$/.test(error.code)
      ? new AppError(error.code, { ...error.data, log })
      : error
  }
  return systemError(error) ?? unexpected(error instanceof Error ? error.name : typeof error, log)
}

function unexpected(kind: string, log: string | undefined): AppError {
  return new AppError('internal.unexpected', { kind, log: log ?? '' })
}

/** Node's file errors carry `code` (ENOENT …) and `path`. */
function systemError(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path = '' } = error as Error & { code?: unknown; path?: string }
  switch (code) {
    case 'ENOENT':
      return new AppError('file.not_found', { path })
    case 'EISDIR':
    case 'ENOTDIR':
      return new AppError('file.wrong_kind', { path })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError('file.denied', { path })
    case 'EBUSY':
    case 'ETXTBSY':
      return new AppError('file.busy', { path })
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('disk.full', { path })
    case 'EMFILE':
    case 'ENFILE':
      return new AppError('machine.too_many_files')
    case 'EIO':
      return new AppError('disk.failing', { path })
    case 'ERR_WORKER_OUT_OF_MEMORY':
    case 'ENOMEM':
      return new AppError('machine.out_of_memory')
    default:
      return undefined
  }
}

/** Facts as JSON can hold them. */
function jsonData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  })
  return JSON.parse(text) as Record<string, unknown>
}

/**
 * Fills `{name}` from the data in one pass; a fact that is missing shows as a dash, never as a brace.
 * Numbers get separators of thousands, lists are joined in the way of the language.
 */
export function fill(text: string, data: Readonly<Record<string, unknown>>, lang: 'zh' | 'en'): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => factText(data[name], lang, name))
}

/** Numbers that are names, not amounts, stay as they are: line 1024, port 8080. */
const PLAIN_NUMBERS = /^(line|column|port|seed|id|version|code)$/

function factText(value: unknown, lang: 'zh' | 'en', name: string): string {
  if (value === undefined || value === null || value === '') return '—'
  if (Array.isArray(value)) {
    return value.length === 0 ? '—' : value.map((item) => factText(item, lang, name)).join(lang === 'zh' ? '、' : ', ')
  }
  if (typeof value === 'number' && !PLAIN_NUMBERS.test(name)) {
    const options: Intl.NumberFormatOptions =
      value !== 0 && Math.abs(value) < 1e-3 ? { notation: 'scientific' } : { maximumFractionDigits: 6 }
    return new Intl.NumberFormat('en-US', options).format(value)
  }
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** Errors whose `expected` and `got` are written in the words of rules. */
const RULED = /^(recipe\.invalid|usage\.invalid_value)$/

function chineseRules(data: Readonly<Record<string, unknown>>): Record<string, string> {
  const rules: Record<string, string> = {}
  if (typeof data.expected === 'string') rules.expected = ruleInChinese(data.expected)
  if (data.got === 'missing') rules.got = '缺失'
  return rules
}

/** The words that rules of the recipe are written in (`integer ≥ 1 | null`). */
const RULE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\btext of 1…80 characters that can be a file name/g, '1…80 个字符、可用作文件名的文本'],
  [/\btext with placeholders such as/g, '含占位符的文本，例如'],
  [/\btext \(a name or reason\)/g, '文本（姓名或理由）'],
  [/\blist of at least 2 different texts \(put numbers in quotes\)/g, '至少 2 个不同文本的列表（数字请加引号）'],
  [/\blist of paths/g, '路径列表'],
  [/\blist of /g, '列表，可含 '],
  [/\bid of a registered model/g, '已登记模型的 ID'],
  [/\bpath of a model folder/g, '模型文件夹路径'],
  [/\bpath of a \.gguf file/g, '.gguf 文件路径'],
  [/\bpath\b/g, '路径'],
  [/\bname of a column/g, '列名'],
  [/\bobject with the keys? /g, '键值对，含 '],
  [/\bobject\b/g, '键值对'],
  [/\btogether below\b/g, '合计小于'],
  [/\binteger above 1 \(steps\)/g, '大于 1 的整数（步数）'],
  [/ \(share of steps\)/g, '（占总步数的比例）'],
  [/\binteger\b/g, '整数'],
  [/\bnumber\b/g, '数字'],
  [/, below 1\b/g, '且小于 1'],
  [/, at most 10\b/g, '且不超过 10'],
  [/\btext\b(?! ?[,}|])/g, '文本'],
]

function ruleInChinese(rule: string): string {
  return rule
    .split(' | ')
    .map((part) => RULE_WORDS.reduce((text, [word, chinese]) => text.replace(word, chinese), part))
    .join(' | ')
}
