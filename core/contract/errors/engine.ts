import type { ErrorTable } from './entry.ts'

export const engineErrors = {} as const satisfies ErrorTable
