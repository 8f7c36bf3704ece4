import type { ErrorTable } from './entry.ts'

export const adapterErrors = {} as const satisfies ErrorTable
