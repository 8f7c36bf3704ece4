export { type BalancePlan, balanceRows, planBalance } from './balance.ts'
export { type Example, type ExampleEncoder, type ExampleRow, exampleEncoder } from './examples.ts'
export { assignIds, type ReadOptions, type ReadRows, readRows } from './import.ts'
export { classCounts, labelVariants, ratioOf } from './labels.ts'
export { findNearPairs, NEAR_THRESHOLD, type NearPair } from './near.ts'
export { prepareData } from './prepare.ts'
export { type SplitPlan, type SplitRows, splitRows, VALIDATION_SHARE } from './split.ts'
export type {
  BalanceMethod,
  DataFinding,
  DataIo,
  DataOptions,
  DataRow,
  DataSummary,
  DataTask,
  FindingKind,
  PreparedData,
  RowSource,
  Split,
} from './types.ts'
