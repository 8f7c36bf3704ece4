import type { ErrorTable } from './entry.ts'

export const dataErrors = {} as const satisfies ErrorTable
