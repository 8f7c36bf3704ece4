import type { ErrorTable } from './entry.ts'

export const trainErrors = {} as const satisfies ErrorTable
