import { nearest } from '../contract/recipe/nearest.ts'
import { AppError, canonicalJson, sha256 } from '../kit/index.ts'
import type { DataTask } from './types.ts'

/** Roles that a task cannot do without. */
const REQUIRED: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['label'],
  instruction: ['instruction', 'output'],
  chat: ['messages'],
  text: ['text'],
}

/** Roles that hold the answer and therefore do not belong to a row's input. */
const ANSWERS: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['label'],
  instruction: ['output', 'chosen', 'rejected'],
  chat: ['chosen', 'rejected'],
  text: [],
}

/** How the columns of a table become a row's content. */
export interface Mapping {
  readonly task: DataTask
  /** Role → column, as in the recipe. */
  readonly columns: readonly (readonly [role: string, column: string])[]
  readonly inputs: readonly string[]
  /** Roles that must not be blank in a row. */
  readonly required: readonly string[]
}

/** Checks the recipe's columns against the task. Errors: `data.column_unmapped`. */
export function makeMapping(task: DataTask, columns: Readonly<Record<string, string>>): Mapping {
  const roles = Object.keys(columns)
  const missing = REQUIRED[task].filter((role) => !roles.includes(role))
  const inputs = roles.filter((role) => !ANSWERS[task].includes(role)).sort()
  if (task === 'classification' && inputs.length === 0) missing.unshift('text')
  if (missing.length > 0) throw new AppError('data.column_unmapped', { task, missing })
  const required = [...REQUIRED[task], ...(task === 'classification' && roles.includes('text') ? ['text'] : [])]
  return { task, columns: Object.entries(columns), inputs, required }
}

/**
 * Checks that a file has every mapped column. An instruction table without an `input` column has empty inputs, because the
 * role is optional and named so by default. Errors: `data.column_missing` naming the nearest and all columns.
 */
export function checkColumns(mapping: Mapping, columns: readonly string[], file: string): void {
  for (const [placeholder, column] of mapping.columns) {
    if (columns.includes(column) || isDefaultInput(mapping, placeholder, column)) continue
    const shown = columns.slice(0, 50).map((name) => (name.length <= 60 ? name : `${name.slice(0, 59)}…`))
    const facts = { file, column, placeholder, nearest: nearest(column, shown) ?? '', columns: shown }
    throw new AppError('data.column_missing', facts)
  }
}

function isDefaultInput(mapping: Mapping, role: string, column: string): boolean {
  return mapping.task === 'instruction' && role === 'input' && column === 'input'
}

/** Fields of a row: the record's own columns and, on top, the mapped ones by role; the class without outer spaces. */
export function mapFields(mapping: Mapping, record: Readonly<Record<string, string>>): Record<string, string> {
  const fields: Record<string, string> = { ...record }
  for (const [role, column] of mapping.columns) {
    const value = Object.hasOwn(record, column) ? record[column] : ''
    fields[role] = role === 'label' && mapping.task === 'classification' ? value.trim() : value
  }
  return fields
}

/** True when a required role is blank, or all inputs are. */
export function isBlank(mapping: Mapping, fields: Readonly<Record<string, string>>): boolean {
  if (mapping.required.some((role) => fields[role].trim() === '')) return true
  return mapping.inputs.length > 0 && mapping.inputs.every((role) => fields[role].trim() === '')
}

/** SHA-256 of everything mapped, and of the inputs alone. */
export function contentHashes(
  mapping: Mapping,
  fields: Readonly<Record<string, string>>,
): { hash: string; group: string } {
  const content = mapping.columns.map(([role]) => [role, fields[role]] as const)
  const hash = sha256(canonicalJson(Object.fromEntries(content)))
  const inputs = mapping.inputs.map((role) => [role, role === 'messages' ? question(fields[role]) : fields[role]])
  return { hash, group: sha256(canonicalJson(inputs)) }
}

/** The input of a row as one text, for the search for near duplicates. */
export function inputText(mapping: Mapping, fields: Readonly<Record<string, string>>): string {
  return mapping.inputs.map((role) => fields[role] ?? '').join('\n')
}

interface Message {
  readonly role: string
  readonly content: unknown
}

const ROLES = new Set(['system', 'user', 'assistant', 'tool'])

/** Checks the messages of a chat row. Errors: `data.messages_invalid`. */
export function checkMessages(text: string, place: { file: string; line: number }): void {
  const messages = parseMessages(text)
  if (!messages?.some((m) => m.role === 'assistant')) throw new AppError('data.messages_invalid', place)
}

function parseMessages(text: string): readonly Message[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(value)) return null
  const valid = value.every((m: unknown) => {
    if (typeof m !== 'object' || m === null) return false
    const { role, content } = m as Partial<Message>
    return typeof role === 'string' && ROLES.has(role) && (typeof content === 'string' || Array.isArray(content))
  })
  return valid ? (value as Message[]) : null
}

/** A conversation without its closing answers: what makes two chat rows the same question. */
function question(text: string): unknown {
  const messages = parseMessages(text) ?? []
  let end = messages.length
  while (end > 0 && messages[end - 1].role === 'assistant') end--
  return messages.slice(0, end)
}
