import type { DataTask } from '../data/index.ts'
import {
  checkColumns,
  checkMessages,
  contentHashes,
  inputText,
  isBlank,
  type Mapping,
  makeMapping,
  mapFields,
} from '../data/mapping.ts'
import { AppError, canonicalJson, sha256 } from '../kit/index.ts'

/** Cells by column name, as the table has them. */
export type TableFields = Readonly<Record<string, string>>
/** Role (`text`, `label`, `instruction` …) → name of the column. */
export type RoleColumns = Readonly<Record<string, string>>

/** What a row is besides its cells. */
export interface RowIdentity {
  /** The class, trimmed; null where rows have none. */
  readonly label: string | null
  /** SHA-256 of everything that counts; equal for duplicates. */
  readonly hash: string
  /** SHA-256 of the input alone; rows of one group never part. */
  readonly group: string
}

/** How the rows of one table are understood: where the class stands, what is input, what makes two rows equal. */
export interface RowRule {
  /** What was given or recognised; empty when no column has a known role. */
  readonly columns: RoleColumns
  readonly hasLabel: boolean
  /** Null for a row that is blank in a column that is needed. Errors: `data.messages_invalid`. */
  identify(fields: TableFields, place: { file: string; line: number }): RowIdentity | null
  /** The input as one text, for the search for near duplicates. */
  inputText(fields: TableFields): string
  /** Errors: `data.column_missing`. */
  checkHeader(header: readonly string[], file: string): void
}

/**
 * The rule for a table with this header. Without `columns` those named like a role are taken for it. A table of which only
 * the class is known has all other columns as input; one without any known column is compared by whole rows.
 * Errors: `data.column_unmapped`, `data.option_invalid` for a column that has two roles.
 */
export function rowRule(columns: RoleColumns | null, header: readonly string[]): RowRule {
  const roles = completed(columns ?? recognised(header), header)
  const names = Object.values(roles)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new AppError('data.option_invalid', { option: 'columns', value: twice, expected: '1' })
  const known = Object.keys(roles)
  if (known.length === 0) return wholeRows(null)
  if (known.length === 1 && roles.label !== undefined) return wholeRows(roles.label)
  return mapped(makeMapping(taskOf(roles), roles), roles)
}

/** Roles that a header gives away, for each kind of table. */
function recognised(header: readonly string[]): RoleColumns {
  const named = (...roles: string[]): RoleColumns =>
    Object.fromEntries(roles.filter((role) => header.includes(role)).map((role) => [role, role]))
  if (header.includes('label')) return named('text', 'label')
  if (header.includes('messages')) return named('messages')
  if (header.includes('instruction') && header.includes('output')) return named('instruction', 'input', 'output')
  return named('text')
}

/** The recipe's own default: a column called `text` is the text of a classification. */
function completed(roles: RoleColumns, header: readonly string[]): RoleColumns {
  const isAlone = Object.keys(roles).length === 1 && roles.label !== undefined
  return isAlone && roles.label !== 'text' && header.includes('text') ? { text: 'text', ...roles } : roles
}

function taskOf(roles: RoleColumns): DataTask {
  if (roles.label !== undefined) return 'classification'
  if (roles.messages !== undefined) return 'chat'
  return roles.text !== undefined && roles.output === undefined ? 'text' : 'instruction'
}

function mapped(mapping: Mapping, columns: RoleColumns): RowRule {
  return {
    columns,
    hasLabel: mapping.task === 'classification',
    identify(record, place) {
      const fields = mapFields(mapping, record)
      if (isBlank(mapping, fields)) return null
      if (mapping.task === 'chat') checkMessages(fields.messages, place)
      return { label: mapping.task === 'classification' ? fields.label : null, ...contentHashes(mapping, fields) }
    },
    inputText: (record) => inputText(mapping, mapFields(mapping, record)),
    checkHeader: (header, file) => checkColumns(mapping, header, file),
  }
}

/** All columns are input, but the class where one is known. */
function wholeRows(labelColumn: string | null): RowRule {
  const input = (fields: TableFields): [string, string][] =>
    Object.entries(fields).filter(([column]) => column !== labelColumn)
  return {
    columns: labelColumn === null ? {} : { label: labelColumn },
    hasLabel: labelColumn !== null,
    identify(fields) {
      const label = labelColumn === null ? null : (fields[labelColumn] ?? '').trim()
      const cells = input(fields)
      if (label === '' || cells.every(([, cell]) => cell.trim() === '')) return null
      const group = sha256(canonicalJson(Object.fromEntries(cells)))
      return { label, group, hash: label === null ? group : sha256(canonicalJson([group, label])) }
    },
    inputText: (fields) =>
      input(fields)
        .map(([, cell]) => cell)
        .join('\n'),
    checkHeader(header, file) {
      if (labelColumn === null || header.includes(labelColumn)) return
      checkColumns(
        { task: 'classification', columns: [['label', labelColumn]], inputs: [], required: [] },
        header,
        file,
      )
    },
  }
}
