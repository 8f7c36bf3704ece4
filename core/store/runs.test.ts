import { describe, expect, it } from 'vitest'
import { codeOf, digest, errorOf, freshStore, seed } from '../../tests/fault/store-support.ts'
import type { NewPrediction, RunState, StepMetric } from '../contract/domain/store.ts'
import { sha256 } from '../kit/index.ts'
import type { Store, Tx } from './index.ts'

const change = <T>(store: Store, work: (tx: Tx) => T): T =>
  store.write((tx) => {
    tx.audit({ action: 'test.change', subject: 'test' })
    return work(tx)
  })

const metric = (step: number, loss = 1 / (step + 1)): StepMetric => ({
  step,
  loss,
  learningRate: 2e-4,
  gradNorm: 0.1 + step,
  tokens: 512,
  seconds: 0.25,
})

describe('runs', () => {
  it('walk from queued to done with plan, times and summary', () => {
    const store = freshStore()
    const { runId } = store.write(seed)
    expect(store.read.runs.byId(runId)).toMatchObject({ state: 'queued', plan: null, planHash: null, startedAt: null })
    const hash = change(store, (tx) => tx.runs.setPlan(runId, { threads: 2, precision: 'fp32' }))
    expect(hash).toBe(sha256('{"precision":"fp32","threads":2}'))
    change(store, (tx) => tx.runs.setState(runId, 'running'))
    const started = store.read.runs.byId(runId)
    expect(started).toMatchObject({ state: 'running', planHash: hash, endedAt: null })
    change(store, (tx) => tx.runs.setState(runId, 'interrupted'))
    change(store, (tx) => tx.runs.setState(runId, 'running'))
    change(store, (tx) => tx.runs.setState(runId, 'done', { summary: { loss: 0.25 } }))
    const done = store.read.runs.byId(runId)
    expect(done).toMatchObject({ state: 'done', startedAt: started?.startedAt, summary: { loss: 0.25 }, error: null })
    expect(done?.endedAt).toBeGreaterThan(started?.startedAt ?? Number.POSITIVE_INFINITY)
  })

  it('take exactly the steps that make sense', () => {
    const states: RunState[] = ['queued', 'running', 'interrupted', 'done', 'failed', 'cancelled']
    const ways: Record<RunState, RunState[]> = {
      queued: [],
      running: ['running'],
      interrupted: ['running', 'interrupted'],
      done: ['running', 'done'],
      failed: ['running', 'failed'],
      cancelled: ['cancelled'],
    }
    const allowed: string[] = []
    const store = freshStore()
    const { projectId } = store.write(seed)
    for (const from of states) {
      for (const to of states) {
        const recipeHash = change(store, (tx) => tx.recipes.add({ from }))
        const id = change(store, (tx) => tx.runs.add({ projectId, recipeHash, jobFolder: '/j' }))
        for (const state of ways[from]) change(store, (tx) => tx.runs.setState(id, state))
        try {
          change(store, (tx) => tx.runs.setState(id, to))
          allowed.push(`${from} → ${to}`)
        } catch (error) {
          expect(error).toMatchObject({ code: 'store.run_state', data: { run: id, from, to } })
          expect(store.read.runs.byId(id)?.state).toBe(from)
        }
      }
    }
    expect(allowed).toEqual([
      'queued → running',
      'queued → failed',
      'queued → cancelled',
      'running → interrupted',
      'running → done',
      'running → failed',
      'running → cancelled',
      'interrupted → running',
      'interrupted → failed',
      'interrupted → cancelled',
      'failed → running',
      'cancelled → running',
    ])
  })

  it('say why they failed, and forget it when resumed', () => {
    const store = freshStore()
    const { runId } = store.write(seed)
    const error = { code: 'train.nan', data: { step: 7 } }
    change(store, (tx) => tx.runs.setState(runId, 'failed', { error }))
    expect(store.read.runs.byId(runId)?.error).toEqual(error)
    change(store, (tx) => tx.runs.setState(runId, 'running'))
    expect(store.read.runs.byId(runId)?.error).toBeNull()
    expect(change(store, (tx) => tx.runs.interruptAll())).toEqual([runId])
    expect(change(store, (tx) => tx.runs.interruptAll())).toEqual([])
    expect(store.read.runs.list({ state: 'interrupted' }).map((r) => r.id)).toEqual([runId])
  })

  it('refuse unknown projects and recipes', () => {
    const store = freshStore()
    const { projectId } = store.write(seed)
    const jobFolder = '/j'
    const add = (part: object) =>
      codeOf(() => change(store, (tx) => tx.runs.add({ projectId, recipeHash: digest(9), jobFolder, ...part })))
    expect(add({})).toBe('store.unknown_reference')
    expect(add({ projectId: 'none' })).toBe('store.unknown_reference')
    expect(codeOf(() => change(store, (tx) => tx.runs.setState('none', 'running')))).toBe('store.not_found')
  })

  it('keep step metrics in order, a repeated step replacing the earlier one', () => {
    const store = freshStore()
    const { runId } = store.write(seed)
    change(store, (tx) =>
      tx.runs.addMetrics(
        runId,
        [0, 1, 2, 3].map((s) => metric(s)),
      ),
    )
    change(store, (tx) => tx.runs.addMetrics(runId, [metric(3, 0.1 + 0.2), metric(2, 5e-324), metric(4)]))
    const expected = [metric(0), metric(1), metric(2, 5e-324), metric(3, 0.1 + 0.2), metric(4)]
    expect(store.read.runs.metrics(runId)).toEqual(expected)
    expect(store.read.runs.metrics(runId, { after: 2 })).toEqual(expected.slice(3))
    const bad = { ...metric(5), loss: Number.NaN }
    expect(errorOf(() => change(store, (tx) => tx.runs.addMetrics(runId, [bad]))).data.field).toBe('loss')
  })
})

describe('evaluations', () => {
  const predictions = (n: number): NewPrediction[] =>
    Array.from({ length: n }, (_, i) => [
      {
        rowId: `r${String(i).padStart(4, '0')}`,
        which: 'base' as const,
        gold: '内科',
        predicted: i % 2 ? '外科' : '内科',
      },
      {
        rowId: `r${String(i).padStart(4, '0')}`,
        which: 'tuned' as const,
        gold: '内科',
        predicted: '内科',
        scores: [-0.5, -i - 1],
      },
    ]).flat()

  it('keep per-row predictions, paged and filtered like a cell of the confusion matrix', () => {
    const store = freshStore()
    const { projectId, runId } = store.write(seed)
    const all = predictions(120)
    const id = change(store, (tx) => {
      const evaluation = tx.evaluations.add({
        projectId,
        runId,
        splitHash: digest(2),
        verdict: false,
        result: { f1: 1 },
      })
      expect(tx.evaluations.addPredictions(evaluation, all.toReversed())).toBe(240)
      return evaluation
    })
    const expected = all.map((p) => ({ scores: null, ...p }))
    expect([...store.read.evaluations.streamPredictions(id)]).toEqual(expected)
    const first = store.read.evaluations.predictions(id, { limit: 7 })
    expect(first.predictions).toEqual(expected.slice(0, 7))
    const second = store.read.evaluations.predictions(id, { limit: 7, after: first.next! })
    expect(second.predictions).toEqual(expected.slice(7, 14))
    const cell = store.read.evaluations.predictions(id, { which: 'base', gold: '内科', predicted: '外科' })
    expect(cell.predictions).toEqual(expected.filter((p) => p.predicted === '外科'))
    expect(cell.next).toBeUndefined()
    expect(store.read.evaluations.list({ runId }).map((e) => e.id)).toEqual([id])
    expect(store.read.evaluations.byId(id)).toMatchObject({ verdict: false, result: { f1: 1 }, adapterId: null })
    expect(codeOf(() => change(store, (tx) => tx.evaluations.addPredictions(id, all.slice(0, 1))))).toBe('store.exists')
  })

  it('count how often a test split gave a verdict, and go on counting when the data is gone', () => {
    const store = freshStore()
    const { projectId, datasetId } = store.write(seed)
    const add = (verdict: boolean, n: number) =>
      change(store, (tx) => tx.evaluations.add({ projectId, splitHash: digest(n), verdict, result: {} }))
    add(false, 2)
    expect(store.read.evaluations.testSplit(digest(2))).toBeUndefined()
    const ids = [add(true, 2), add(true, 3), add(true, 2)]
    change(store, (tx) => tx.datasets.remove(datasetId))
    add(true, 2)
    const split = store.read.evaluations.testSplit(digest(2))
    expect(split).toMatchObject({ uses: 3, firstUsedAt: store.read.evaluations.byId(ids[0] as string)?.createdAt })
    expect(store.read.evaluations.testSplit(digest(3))?.uses).toBe(1)
  })

  it('stay when their adapter is forgotten', () => {
    const store = freshStore()
    const { projectId } = store.write(seed)
    const adapter = { name: 'a', path: '/a', baseFingerprint: {}, sha256: digest(1), imported: true }
    const id = change(store, (tx) => {
      const adapterId = tx.adapters.add(adapter)
      return tx.evaluations.add({ projectId, adapterId, splitHash: digest(2), verdict: true, result: {} })
    })
    change(store, (tx) => tx.adapters.remove('adapter-1'))
    expect(store.read.evaluations.byId(id)?.adapterId).toBeNull()
  })
})
