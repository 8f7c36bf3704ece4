import type { ErrorTable } from './entry.ts'

export const modelErrors = {} as const satisfies ErrorTable
