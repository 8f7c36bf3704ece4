import type { ErrorTable } from './entry.ts'

export const textErrors = {} as const satisfies ErrorTable
