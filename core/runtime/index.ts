export * from './batch.ts'
export * from './bound.ts'
export * from './session.ts'
