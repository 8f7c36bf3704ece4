import type { ErrorTable } from './entry.ts'

export const recipeErrors = {} as const satisfies ErrorTable
