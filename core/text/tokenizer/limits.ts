import { AppError } from '../../kit/index.ts'

/** Bounds on what a tokenizer file may declare; real files stay an order of magnitude below. */
export const limits = {
  vocabulary: 1 << 20,
  merges: 1 << 21,
  addedTokens: 1 << 16,
  /** UTF-16 units of one token. */
  tokenLength: 4096,
  /** UTF-16 units of one added token: matching costs at most this much per character. */
  addedTokenLength: 512,
  /** UTF-16 units of one text: the splitting expressions run out of stack above, and packed heap keys stay exact. */
  textLength: 1 << 22,
  pipelineSteps: 32,
} as const

/** The file contradicts its own format. `where` names the place, `reason` the cause; neither holds row content. */
export function invalid(where: string, reason: string): AppError {
  return new AppError('text.tokenizer.invalid', { where, reason })
}

/** The file is well formed but asks for a component that is not built. */
export function unsupported(part: string, name: unknown): AppError {
  return new AppError('text.tokenizer.unsupported', { part, name: String(name).slice(0, 200) })
}

/** Throws `text.tokenizer.limit` when a declared amount is above its bound. */
export function within(what: string, value: number, maximum: number): void {
  if (value > maximum) throw new AppError('text.tokenizer.limit', { what, value, maximum })
}

export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'not an object')
  return value as JsonObject
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(where, 'not a list')
  return value
}

export function asText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(where, 'not a text')
  return value
}

export function asFlag(value: unknown, where: string, whenAbsent: boolean): boolean {
  if (value === undefined || value === null) return whenAbsent
  if (typeof value !== 'boolean') throw invalid(where, 'not true or false')
  return value
}

/** A non-negative integer below 2^31. */
export function asId(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** 31) {
    throw invalid(where, 'not a token id')
  }
  return value
}
