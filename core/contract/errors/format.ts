import type { ErrorTable } from './entry.ts'

export const formatErrors = {} as const satisfies ErrorTable
