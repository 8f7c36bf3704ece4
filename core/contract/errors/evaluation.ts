import type { ErrorTable } from './entry.ts'

export const evaluationErrors = {} as const satisfies ErrorTable
