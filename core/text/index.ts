export * from './template/index.ts'
export * from './tokenizer/index.ts'
