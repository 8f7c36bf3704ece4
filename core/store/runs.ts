import {
  type JsonObject,
  type NewRun,
  type Run,
  type RunState,
  runSchema,
  type StepMetric,
  stepMetricSchema,
} from '../contract/domain/store.ts'
import { AppError, type Clock, sha256 } from '../kit/index.ts'
import type { Session, SqlValue } from './session.ts'
import {
  canonicalText,
  checked,
  decode,
  decodeMaybe,
  idSource,
  jsonText,
  keyLookup,
  type RecordShape,
} from './values.ts'

const shape: RecordShape<Run> = { table: 'runs', schema: runSchema, json: ['plan', 'summary', 'error'] }
const metricShape: RecordShape<StepMetric> = { table: 'run_metrics', schema: stepMetricSchema }
const columns = `id, project_id AS projectId, recipe_hash AS recipeHash, model_id AS modelId, version_id AS versionId,
  state, job_folder AS jobFolder, plan, plan_hash AS planHash, queued_at AS queuedAt, started_at AS startedAt,
  ended_at AS endedAt, summary, error`

/** Where a run may go from each state. `done` is final; a failed or cancelled run may be resumed from its checkpoint. */
const nextStates: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['interrupted', 'done', 'failed', 'cancelled'],
  interrupted: ['running', 'failed', 'cancelled'],
  failed: ['running'],
  cancelled: ['running'],
  done: [],
}

export interface RunReader {
  byId(id: string): Run | undefined
  /** Newest first. */
  list(filter?: { projectId?: string; state?: RunState; limit?: number }): Run[]
  /** Step metrics in order, those after step `after` when given. */
  metrics(id: string, options?: { after?: number }): StepMetric[]
}

export interface RunWriter extends RunReader {
  /** Enters a queued run; returns its id (`run-12` unless given). */
  add(run: NewRun): string
  /** Stores the resolved plan and returns the SHA-256 of its canonical JSON. */
  setPlan(id: string, plan: JsonObject): string
  /**
   * Moves a run on; throws `store.run_state` for a step that makes no sense. `error` belongs to `failed`; a summary
   * replaces the earlier one.
   */
  setState(
    id: string,
    state: RunState,
    notes?: { summary?: JsonObject; error?: { code: string; data: JsonObject } },
  ): void
  /** Adds step metrics; a step that a resumed run repeats replaces the earlier one. */
  addMetrics(id: string, metrics: Iterable<StepMetric>): number
  /** Marks every `running` run as interrupted and returns their ids: for a new owner, whose predecessor died. */
  interruptAll(): string[]
}

export function runReader(session: Session): RunReader {
  const byId = session.query('runs', `SELECT ${columns} FROM runs WHERE id = ?`)
  const list = session.query(
    'runs',
    `SELECT ${columns} FROM runs
     WHERE (@project IS NULL OR project_id = @project) AND (@state IS NULL OR state = @state)
     ORDER BY seq DESC LIMIT @limit`,
  )
  const keyOf = keyLookup(session, 'runs')
  const metrics = session.query(
    'run_metrics',
    `SELECT step, loss, learning_rate AS learningRate, grad_norm AS gradNorm, tokens, seconds FROM run_metrics
     WHERE run_seq = ? AND step > ? ORDER BY step`,
  )
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    list({ projectId, state, limit = -1 } = {}) {
      const found = list.all({ project: projectId ?? null, state: state ?? null, limit })
      return found.map((raw) => decode(session, shape, raw))
    },
    metrics: (id, { after = -1 } = {}) =>
      metrics.all([keyOf(id), after]).map((raw) => decode(session, metricShape, raw)),
  }
}

export function runWriter(session: Session, clock: Clock): RunWriter {
  const reader = runReader(session)
  const found = (id: string): Run => {
    const run = reader.byId(id)
    if (run === undefined) throw new AppError('store.not_found', { table: 'runs', id })
    return run
  }
  return {
    ...reader,
    ...runAdder(session, clock),
    ...runStates(session, { clock, reader, found }),
    ...runDetails(session, found),
  }
}

function runAdder(session: Session, clock: Clock): Pick<RunWriter, 'add'> {
  const insert = session.command(
    'runs',
    `INSERT INTO runs (id, project_id, recipe_hash, model_id, version_id, state, job_folder, plan, plan_hash, queued_at)
     VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
  )
  const nextId = idSource(session, 'runs', 'run')
  return {
    add(run) {
      const plan = planText(run.plan ?? null)
      const r = checked('runs', runSchema, {
        modelId: null,
        versionId: null,
        plan: null,
        ...run,
        ...{ startedAt: null, endedAt: null, summary: null, error: null },
        id: run.id ?? nextId(),
        state: 'queued',
        planHash: plan.hash,
        queuedAt: clock.now(),
      })
      const place = [r.id, r.projectId, r.recipeHash, r.modelId, r.versionId, r.jobFolder]
      insert.run([...place, plan.text, plan.hash, r.queuedAt])
      return r.id
    },
  }
}

function planText(plan: JsonObject | null): { text: string; hash: string } | { text: null; hash: null } {
  if (plan === null) return { text: null, hash: null }
  const text = canonicalText('runs', 'plan', checked('runs', runSchema.shape.plan, plan))
  return { text, hash: sha256(text) }
}

interface StateTools {
  clock: Clock
  reader: RunReader
  found: (id: string) => Run
}

function runStates(session: Session, tools: StateTools): Pick<RunWriter, 'setState' | 'interruptAll'> {
  const { clock, reader, found } = tools
  const update = session.command(
    'runs',
    `UPDATE runs SET state = @state,
       started_at = CASE @state WHEN 'running' THEN coalesce(started_at, @now) ELSE started_at END,
       ended_at = CASE @state WHEN 'running' THEN NULL ELSE @now END,
       summary = coalesce(@summary, summary), error = @error
     WHERE id = @id`,
  )
  const setState: RunWriter['setState'] = (id, state, notes = {}) => {
    const from = found(id).state
    if (!nextStates[from].includes(state)) throw new AppError('store.run_state', { run: id, from, to: state })
    const given = { summary: notes.summary ?? null, error: notes.error ?? null }
    const { summary, error } = checked('runs', runSchema.pick({ summary: true, error: true }), given)
    const text = (field: string, value: unknown): SqlValue => (value === null ? null : jsonText('runs', field, value))
    const now = clock.now()
    update.run({ id, state, now, summary: text('summary', summary), error: text('error', error) })
  }
  return {
    setState,
    interruptAll() {
      const ids = reader.list({ state: 'running' }).map((run) => run.id)
      for (const id of ids) setState(id, 'interrupted')
      return ids
    },
  }
}

function runDetails(session: Session, found: (id: string) => Run): Pick<RunWriter, 'setPlan' | 'addMetrics'> {
  const keyOf = keyLookup(session, 'runs')
  const setPlan = session.command('runs', 'UPDATE runs SET plan = ?, plan_hash = ? WHERE id = ?')
  const insert = session.command(
    'run_metrics',
    `INSERT INTO run_metrics (run_seq, step, loss, learning_rate, grad_norm, tokens, seconds)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_seq, step) DO UPDATE SET loss = excluded.loss, learning_rate = excluded.learning_rate,
       grad_norm = excluded.grad_norm, tokens = excluded.tokens, seconds = excluded.seconds`,
  )
  return {
    setPlan(id, plan) {
      const { text, hash } = planText(plan)
      setPlan.run([text, hash, found(id).id])
      return hash as string
    },
    addMetrics(id, metrics) {
      const run = keyOf(id)
      let added = 0
      for (const metric of metrics) {
        const m = checked('run_metrics', stepMetricSchema, metric)
        insert.run([run, m.step, m.loss, m.learningRate, m.gradNorm, m.tokens, m.seconds])
        added++
      }
      return added
    },
  }
}
