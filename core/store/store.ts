import type { NewAuditEntry } from '../contract/domain/store.ts'
import { type Clock, invariant } from '../kit/index.ts'
import { type ActorReader, actorReader } from './actors.ts'
import { type AdapterReader, type AdapterWriter, adapterReader, adapterWriter } from './adapters.ts'
import {
  type AuditHead,
  type AuditReader,
  type AuditVerdict,
  auditAppender,
  auditReader,
  verifyAudit,
} from './audit.ts'
import { type DatasetReader, type DatasetWriter, datasetReader, datasetWriter } from './datasets.ts'
import { type EvaluationReader, type EvaluationWriter, evaluationReader, evaluationWriter } from './evaluations.ts'
import { storeFailure } from './failure.ts'
import { type ModelReader, type ModelWriter, modelReader, modelWriter } from './models.ts'
import { readPragmas } from './pragmas.ts'
import { type ProjectReader, type ProjectWriter, projectReader, projectWriter } from './projects.ts'
import { type RecipeReader, type RecipeWriter, recipeReader, recipeWriter } from './recipes.ts'
import { type RowReader, type RowWriter, rowReader, rowWriter } from './rows.ts'
import { type RunReader, type RunWriter, runReader, runWriter } from './runs.ts'
import type { Session } from './session.ts'

/** Everything that can be asked; nothing here changes the store. */
export interface Reader {
  readonly projects: ProjectReader
  readonly models: ModelReader
  readonly recipes: RecipeReader
  readonly datasets: DatasetReader
  readonly rows: RowReader
  readonly runs: RunReader
  readonly evaluations: EvaluationReader
  readonly adapters: AdapterReader
  readonly actors: ActorReader
  readonly audit: AuditReader
}

/** Everything that can be changed, only inside `store.write`, and what was read there sees the changes already. */
export interface Tx {
  readonly projects: ProjectWriter
  readonly models: ModelWriter
  readonly recipes: RecipeWriter
  readonly datasets: DatasetWriter
  readonly rows: RowWriter
  readonly runs: RunWriter
  readonly evaluations: EvaluationWriter
  readonly adapters: AdapterWriter
  /** Declares what this transaction does; every transaction that changes something must, at least once. */
  audit(entry: NewAuditEntry): AuditHead
}

/** A store opened for reading, also beside a process that writes. */
export interface ReadStore {
  readonly folder: string
  readonly read: Reader
  /** Checks the whole audit chain; `anchors` are heads kept outside the store (bundles, reports). */
  verifyAudit(anchors?: readonly AuditHead[]): AuditVerdict
  /** SQLite's own check of every page, index and reference; empty when all is well. Reads the whole file. */
  checkIntegrity(): string[]
  /** The connection's durability settings as SQLite reports them now, e.g. `synchronous: 2` (FULL). */
  pragmas(): Record<string, unknown>
  close(): void
}

/** A store opened for writing: this process owns it until `close`. */
export interface Store extends ReadStore {
  /**
   * Runs `work` in one transaction and returns its result. Everything is on disk when this returns; when it throws,
   * nothing was changed. `work` is synchronous. Errors: those of the repositories, `store.disk_full`, `store.busy`.
   */
  write<T>(work: (tx: Tx) => T): T
}

export function reader(session: Session): Reader {
  return {
    projects: projectReader(session),
    models: modelReader(session),
    recipes: recipeReader(session),
    datasets: datasetReader(session),
    rows: rowReader(session),
    runs: runReader(session),
    evaluations: evaluationReader(session),
    adapters: adapterReader(session),
    actors: actorReader(session),
    audit: auditReader(session),
  }
}

export function readStore(session: Session, options: { folder: string; onClose: () => void }): ReadStore {
  const { connection } = session
  return {
    folder: options.folder,
    read: reader(session),
    verifyAudit: (anchors) => verifyAudit(session, anchors),
    checkIntegrity: () => checkIntegrity(session),
    pragmas: () => readPragmas(connection),
    close() {
      if (!connection.open) return
      connection.close()
      options.onClose()
    },
  }
}

export function writeStore(
  session: Session,
  options: { folder: string; actor: string; clock: Clock; onClose: () => void },
): Store {
  return { ...readStore(session, options), write: writer(session, options) }
}

function writer(session: Session, options: { actor: string; clock: Clock }): Store['write'] {
  const { connection, path } = session
  const { clock } = options
  const append = auditAppender(session, options)
  let entries = 0
  const tx: Tx = {
    projects: projectWriter(session, clock),
    models: modelWriter(session, clock),
    recipes: recipeWriter(session, clock),
    datasets: datasetWriter(session, clock),
    rows: rowWriter(session, clock),
    runs: runWriter(session, clock),
    evaluations: evaluationWriter(session, clock),
    adapters: adapterWriter(session, clock),
    audit(entry) {
      entries++
      return append(entry)
    },
  }
  const total = session.query('audit', 'SELECT total_changes() AS changes')
  const changes = (): number => total.get()?.changes as number
  const transaction = connection.transaction((work: (tx: Tx) => unknown) => {
    entries = 0
    session.resetSpent()
    const before = changes()
    const result = work(tx)
    invariant(!isPromise(result), 'work inside store.write must be synchronous')
    invariant(connection.inTransaction, 'a transaction that failed may not go on')
    invariant(entries > 0 || changes() === before, 'a change without an audit entry')
    return result
  })
  return <T>(work: (tx: Tx) => T): T => {
    invariant(!connection.inTransaction, 'store.write inside store.write')
    try {
      return transaction.immediate(work) as T
    } catch (error) {
      throw storeFailure(error, { path, neededBytes: session.neededBytes() })
    }
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}

function checkIntegrity(session: Session): string[] {
  const pages = session
    .query('pages', 'PRAGMA integrity_check(100)')
    .all()
    .map((raw) => String(raw.integrity_check))
  const references = session.query('pages', 'PRAGMA foreign_key_check').all()
  const dangling = references.map((raw) => `${String(raw.table)} refers to a missing entry of ${String(raw.parent)}`)
  return [...pages.filter((line) => line !== 'ok'), ...dangling]
}
