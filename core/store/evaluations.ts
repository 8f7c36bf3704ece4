import {
  type Evaluation,
  evaluationSchema,
  type NewEvaluation,
  type NewPrediction,
  type Prediction,
  predictionSchema,
  type TestSplit,
  testSplitSchema,
} from '../contract/domain/store.ts'
import type { Clock } from '../kit/index.ts'
import type { Session } from './session.ts'
import { checked, decode, decodeMaybe, idSource, jsonText, keyLookup, type RecordShape } from './values.ts'

const shape: RecordShape<Evaluation> = {
  table: 'evaluations',
  schema: evaluationSchema,
  json: ['result'],
  flags: ['verdict'],
}
const predictionShape: RecordShape<Prediction> = { table: 'predictions', schema: predictionSchema, json: ['scores'] }
const splitShape: RecordShape<TestSplit> = { table: 'test_splits', schema: testSplitSchema }
const columns = `id, project_id AS projectId, run_id AS runId, adapter_id AS adapterId, split_hash AS splitHash, verdict,
  result, created_at AS createdAt`

/** `gold` and `predicted` together name one cell of the confusion matrix. */
export interface PredictionFilter {
  which?: Prediction['which']
  gold?: string
  predicted?: string
}

export interface PredictionPage {
  readonly predictions: Prediction[]
  /** Pass as `after` for the next page; undefined when this was the last. */
  readonly next: Pick<Prediction, 'rowId' | 'which'> | undefined
}

type PageOptions = PredictionFilter & { after?: Pick<Prediction, 'rowId' | 'which'>; limit?: number }

export interface EvaluationReader {
  byId(id: string): Evaluation | undefined
  /** Newest first. */
  list(filter?: { projectId?: string; runId?: string; adapterId?: string; limit?: number }): Evaluation[]
  /** Ordered by row id, base before tuned; at most `limit` (1,000 unless given). */
  predictions(evaluationId: string, options?: PageOptions): PredictionPage
  /** All predictions, one page in memory at a time. */
  streamPredictions(evaluationId: string, filter?: PredictionFilter): Generator<Prediction>
  /** How often the test split with this digest has been used for a verdict; undefined when never. */
  testSplit(hash: string): TestSplit | undefined
}

export interface EvaluationWriter extends EvaluationReader {
  /** Returns the id (`evaluation-4` unless given); with `verdict` the use of the test split is counted as well. */
  add(evaluation: NewEvaluation): string
  addPredictions(evaluationId: string, predictions: Iterable<NewPrediction>): number
}

export function evaluationReader(session: Session): EvaluationReader {
  const byId = session.query('evaluations', `SELECT ${columns} FROM evaluations WHERE id = ?`)
  const list = session.query(
    'evaluations',
    `SELECT ${columns} FROM evaluations
     WHERE (@project IS NULL OR project_id = @project) AND (@run IS NULL OR run_id = @run)
       AND (@adapter IS NULL OR adapter_id = @adapter)
     ORDER BY seq DESC LIMIT @limit`,
  )
  const split = session.query(
    'test_splits',
    'SELECT hash, uses, first_used_at AS firstUsedAt, last_used_at AS lastUsedAt FROM test_splits WHERE hash = ?',
  )
  return {
    byId: (id) => decodeMaybe(session, shape, byId.get([id])),
    list({ projectId, runId, adapterId, limit = -1 } = {}) {
      const filter = { project: projectId ?? null, run: runId ?? null, adapter: adapterId ?? null }
      return list.all({ ...filter, limit }).map((raw) => decode(session, shape, raw))
    },
    testSplit: (hash) => decodeMaybe(session, splitShape, split.get([hash])),
    ...predictionReader(session),
  }
}

function predictionReader(session: Session): Pick<EvaluationReader, 'predictions' | 'streamPredictions'> {
  const keyOf = keyLookup(session, 'evaluations')
  const page = session.query(
    'predictions',
    `SELECT row_id AS rowId, which, gold, predicted, scores FROM predictions
     WHERE evaluation_seq = @evaluation AND (row_id, which) > (@row, @after)
       AND (@which IS NULL OR which = @which) AND (@gold IS NULL OR gold = @gold)
       AND (@predicted IS NULL OR predicted = @predicted)
     ORDER BY row_id, which LIMIT @limit`,
  )
  const predictions: EvaluationReader['predictions'] = (evaluationId, options = {}) => {
    const { after, limit = 1000, which, gold, predicted } = options
    const start = { row: after?.rowId ?? '', after: after?.which ?? '' }
    const filter = { which: which ?? null, gold: gold ?? null, predicted: predicted ?? null }
    const found = page.all({ evaluation: keyOf(evaluationId), ...start, ...filter, limit })
    const list = found.map((raw) => decode(session, predictionShape, raw))
    const last = list.length < limit ? undefined : list.at(-1)
    return { predictions: list, next: last && { rowId: last.rowId, which: last.which } }
  }
  return {
    predictions,
    *streamPredictions(evaluationId, filter = {}) {
      let found = predictions(evaluationId, filter)
      yield* found.predictions
      while (found.next !== undefined) {
        found = predictions(evaluationId, { ...filter, after: found.next })
        yield* found.predictions
      }
    },
  }
}

export function evaluationWriter(session: Session, clock: Clock): EvaluationWriter {
  const keyOf = keyLookup(session, 'evaluations')
  const insert = session.command(
    'evaluations',
    `INSERT INTO evaluations (id, project_id, run_id, adapter_id, split_hash, verdict, result, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const countUse = session.command(
    'test_splits',
    `INSERT INTO test_splits (hash, uses, first_used_at, last_used_at) VALUES (@hash, 1, @now, @now)
     ON CONFLICT (hash) DO UPDATE SET uses = uses + 1, last_used_at = @now`,
  )
  const insertPrediction = session.command(
    'predictions',
    'INSERT INTO predictions (evaluation_seq, row_id, which, gold, predicted, scores) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const nextId = idSource(session, 'evaluations', 'evaluation')
  return {
    ...evaluationReader(session),
    add(evaluation) {
      const given = { runId: null, adapterId: null, ...evaluation, id: evaluation.id ?? nextId() }
      const e = checked('evaluations', evaluationSchema, { ...given, createdAt: clock.now() })
      const result = jsonText('evaluations', 'result', e.result)
      const place = [e.id, e.projectId, e.runId, e.adapterId, e.splitHash]
      insert.run([...place, e.verdict ? 1 : 0, result, e.createdAt])
      if (e.verdict) countUse.run({ hash: e.splitHash, now: e.createdAt })
      return e.id
    },
    addPredictions(evaluationId, predictions) {
      const key = keyOf(evaluationId)
      let added = 0
      for (const prediction of predictions) {
        const p = checked('predictions', predictionSchema, { scores: null, ...prediction })
        const scores = p.scores === null ? null : jsonText('predictions', 'scores', p.scores)
        insertPrediction.run([key, p.rowId, p.which, p.gold, p.predicted, scores])
        added++
      }
      return added
    },
  }
}
