import { expect } from 'vitest'
import { errorCatalogue } from '../../core/contract/errors/index.ts'
import { isAppError } from '../../core/kit/index.ts'

/**
 * Runs `action`, which must throw an AppError, and returns its code. Also holds the error against the catalogue: every
 * placeholder of its texts must be among its data, or the user would read braces.
 */
export function refusalOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (!isAppError(error)) throw error
    const entry = errorCatalogue[error.code]
    expect(entry, `catalogue entry of ${error.code}`).toBeDefined()
    for (const text of [entry.zh.message, entry.zh.hint, entry.en.message, entry.en.hint]) {
      for (const [, placeholder] of text.matchAll(/\{(\w+)\}/g)) {
        expect(error.data[placeholder], `{${placeholder}} of ${error.code}`).toBeDefined()
      }
    }
    return error.code
  }
  return 'none'
}
