import type { ProgressEvent } from '../contract/progress.ts'
import type { CancelToken } from '../kit/index.ts'

export type Split = 'train' | 'validation' | 'test'
export type DataTask = 'classification' | 'instruction' | 'chat' | 'text'

/** Where a row was read. */
export interface RowSource {
  /** Base name of the file. */
  readonly file: string
  readonly sha256: string
  readonly sheet: string | null
  /** 1-based line on which the row begins. */
  readonly line: number
}

/** One row as every later stage sees it. */
export interface DataRow {
  /** Stable: from the content hash and the occurrence of that content (`<32 hex>.<n>`); copies append `+k`. */
  readonly id: string
  /** All original columns, and on top of them the mapped ones under their role names (`text`, `label` …). */
  readonly fields: Readonly<Record<string, string>>
  /** The class, trimmed; null for tasks without classes. */
  readonly label: string | null
  /** Factor of the row's loss; 1 unless `balance.method` is `weight`. */
  readonly weight: number
  /** SHA-256 of the mapped columns (roles and contents), label included. */
  readonly hash: string
  /** SHA-256 of the mapped input columns, answer left out: rows of one group never part across splits. */
  readonly group: string
  readonly source: RowSource
  /** Id of the row that this one is a copy of. */
  readonly parent: string | null
  readonly origin: 'human' | 'augmented' | 'rated'
  readonly split: Split
}

export type BalanceMethod = 'downsample' | 'upsample' | 'weight' | 'augment' | 'none'

/** The recipe's `data` and `balance` keys with absolute paths; meanings as in the recipe. */
export interface DataOptions {
  readonly train: readonly string[]
  readonly test: readonly string[] | null
  readonly validation: readonly string[] | null
  readonly split: { readonly test: number; readonly validation: number } | null
  /** Role or placeholder → name of the column. */
  readonly columns: Readonly<Record<string, string>>
  readonly labels: readonly string[] | null
  readonly perClass: number | null
  readonly duplicates: 'remove' | 'keep'
  readonly leaks: 'remove' | 'refuse'
  readonly nearLeaks: 'report' | 'remove' | 'refuse'
  readonly balance: { readonly maxRatio: number; readonly method: BalanceMethod }
  readonly seed: number
  /** True when a choice during the run needs validation rows; 10 % of the training split is set aside if none are given. */
  readonly needsValidation: boolean
  readonly task: DataTask
}

export interface DataIo {
  /** Whether the row's answer would be cut at `maxLength`; such rows are left out and counted. */
  readonly isTooLong?: (row: DataRow) => boolean
  readonly cancel: CancelToken
  readonly progress?: (event: ProgressEvent) => void
}

export type FindingKind =
  /** Blank in a required column, dropped. */
  | 'emptyRows'
  /** Not among `data.labels`, dropped. */
  | 'otherClasses'
  /** U+FFFD stands in the file itself: an earlier conversion lost characters. Kept. */
  | 'replacementCharacters'
  /** Spellings of one class that differ only in case, spaces or punctuation. Kept apart. */
  | 'labelVariants'
  /** Training rows with equal input and different classes. Kept. */
  | 'conflictingLabels'
  /** Exact duplicates inside the training rows: removed, or kept when the recipe says so. */
  | 'duplicates'
  /** Exact overlap between splits, removed. */
  | 'leaks'
  /** Nearly equal inputs across splits: reported or removed. */
  | 'nearLeaks'
  /** Classes too small to give a test row; all their rows stay in training. */
  | 'smallClasses'
  /** The answer would be cut at `maxLength`, left out. */
  | 'tooLong'

/** One kind of observation. `count` counts rows (classes for `labelVariants` and `smallClasses`). */
export interface DataFinding {
  readonly kind: FindingKind
  readonly count: number
  /** Whether the rows were taken out. */
  readonly removed: boolean
  /** Ids of the rows (`file:line` for rows dropped before they had one), at most 1,000. */
  readonly rows: readonly string[]
  /** The classes concerned; for `labelVariants` one list a group of spellings. */
  readonly labels?: readonly (readonly string[])[]
  /** For `nearLeaks`: training row, the other row, Jaccard similarity of their character n-grams; at most 1,000. */
  readonly pairs?: readonly { readonly train: string; readonly other: string; readonly similarity: number }[]
}

/** `data` of the run's result. */
export interface DataSummary {
  /** Rows read from the files, before any step. */
  readonly rows: number
  readonly trainRows: number
  readonly validationRows: number
  readonly testRows: number
  /** Training rows a class after balancing. */
  readonly classes: Readonly<Record<string, number>>
  /** Largest class : smallest class of the training rows before and after balancing; 0 without classes. */
  readonly ratioBefore: number
  readonly ratioAfter: number
  readonly personalData: Readonly<Record<string, number>>
  readonly duplicatesRemoved: number
  /** Training rows (or validation rows overlapping with test) removed, exact and near together. */
  readonly leaksRemoved: number
  readonly tooLong: number
}

export interface PreparedData {
  /** In file order (copies made by up-sampling at the end); shuffling is the trainer's job. */
  readonly train: readonly DataRow[]
  readonly validation: readonly DataRow[]
  readonly test: readonly DataRow[]
  /** Classes of the training rows, sorted by code unit; empty for tasks without classes. */
  readonly labels: readonly string[]
  /** Training rows a class before balancing; `summary.classes` holds those after. */
  readonly classesBefore: Readonly<Record<string, number>>
  readonly summary: DataSummary
  readonly findings: readonly DataFinding[]
}

/** A row under construction; the identity is given once all files are read. */
export type DraftRow = { -readonly [K in keyof DataRow]: DataRow[K] }
