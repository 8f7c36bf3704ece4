export * from './decoder.ts'
export * from './open.ts'
export * from './sample.ts'
export * from './score.ts'
