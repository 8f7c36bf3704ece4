export type { Lang } from './format.ts'
export { REPORT_POLICY, renderReport, withoutRowText } from './render.ts'
export { type Verdict, type VerdictKind, verdictOf } from './verdict.ts'
export { clip, displayWidth, fitWidth, padWidth, visibleText } from './visible.ts'
