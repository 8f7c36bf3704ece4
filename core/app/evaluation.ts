import { resolve } from 'node:path'
import type { AirlockApp } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import type { EvaluationResult } from '../contract/result.ts'
import { assignIds, classCounts, type DataRow, readRows } from '../data/index.ts'
import { AppError, machineFacts } from '../kit/index.ts'
import { type AppContext, requireReader } from './context.ts'
import { findAdapter } from './import-adapter.ts'
import { jobAdapter, jobModel } from './inference.ts'
import { type Job, type JobRow, jobFolder, readJob, readJobRows } from './job/folder.ts'
import type { Prediction } from './job/predict.ts'
import { findModel } from './models.ts'
import { type LoadedRecipe, loadRecipe, recipeModel } from './recipe.ts'
import { executeJob } from './runs/execute.ts'
import { evaluationResult, evaluate as measure, predictionRecords } from './runs/finish.ts'
import { prepareRecipe, testHash } from './runs/prepare.ts'

type Input = Parameters<AirlockApp['evaluate']>[0]

/** What is to be evaluated: prompt and labels (of a run or a recipe), rows, and the adapter. */
interface Subject {
  readonly job: Pick<Job, 'recipe' | 'labels'> & {
    readonly data: Pick<Job['data'], 'classes'>
    readonly model: { readonly path: string }
  }
  readonly adapter: string
  readonly rows: readonly JobRow[]
  readonly splitHash: string
  readonly projectId: string | null
  readonly runId: string | null
}

/** Base beside tuned on the run's own test rows, or on rows of another file with the same columns. */
export async function evaluate(context: AppContext, input: Input, io: AppIo): Promise<EvaluationResult> {
  const subject = input.run === null ? await ofAdapter(context, input, io) : ofRun(context, input.run, input.data, io)
  const { job, rows } = subject
  if (rows.length === 0) throw new AppError('evaluation.rows.empty')
  const model = jobModel(context, job.model.path, io)
  const adapter = await jobAdapter(context, subject.adapter, model, io)
  const request = {
    model,
    adapter,
    recipe: job.recipe,
    labels: job.labels,
    rows,
    threads: context.options.threads ?? machineFacts().cores,
  }
  const { value } = await executeJob<{ base: Prediction[] | null; tuned: Prediction[] }>(
    context,
    { kind: 'evaluate', input: request },
    io,
  )
  const result = evaluationResult(measure(job, value))!
  record(context, subject, value, result)
  return result
}

function ofRun(context: AppContext, run: string, data: string | null, io: AppIo): Subject {
  const record = requireReader(context, run).runs.byId(run)
  if (record === undefined) throw new AppError('run.unknown', { run })
  const folder = jobFolder(record.jobFolder)
  const job = readJob(folder)
  const own = readJobRows(folder).filter((r) => r.split === 'test')
  const rows = data === null ? own : rowsOf(job, data, io)
  const splitHash = data === null ? job.testHash : testHash(rows as DataRow[])
  return { job, adapter: folder.adapter, rows, splitHash, projectId: record.projectId, runId: run }
}

/** An adapter of a run is judged like the run; any other needs the recipe it was made with (a bundle brings its own). */
async function ofAdapter(context: AppContext, { adapter, data, recipe }: Input, io: AppIo): Promise<Subject> {
  if (adapter === null) throw new AppError('usage.missing_option', { command: 'evaluate', option: '--run | --adapter' })
  const found = await findAdapter(context, adapter, io)
  if (recipe === null && found.runId !== null) return ofRun(context, found.runId, data, io)
  const path = recipe ?? found.recipe
  if (path === null) throw new AppError('evaluation.recipe_needed', { adapter: found.name })
  const loaded = loadRecipe(path)
  const subject = data === null ? ofRecipe(context, loaded, io) : ofFile(context, loaded, data, io)
  return { ...subject, adapter: found.folder, projectId: null, runId: null }
}

type RecipeSubject = Pick<Subject, 'job' | 'rows' | 'splitHash'>

/** The recipe's own test rows. */
function ofRecipe(context: AppContext, loaded: LoadedRecipe, io: AppIo): RecipeSubject {
  const { chosen, prepared } = prepareRecipe(context, loaded, io)
  const data = { ...prepared.summary, classes: { ...prepared.summary.classes }, personalData: {} }
  const job = { recipe: loaded.recipe, labels: prepared.labels, data, model: chosen }
  return { job, rows: prepared.test, splitHash: testHash(prepared.test) }
}

/** Rows of a given file; the classes are those the recipe names (a recipe in a bundle names them all). */
function ofFile(context: AppContext, loaded: LoadedRecipe, file: string, io: AppIo): RecipeSubject {
  const { recipe } = loaded
  const model = findModel(context, recipeModel(loaded))
  const rows = rowsOf({ recipe, labels: recipe.data.labels ?? [] }, file, io)
  const labels = recipe.data.labels ?? [...classCounts(rows).keys()].sort()
  return { job: { recipe, labels, data: { classes: {} }, model }, rows, splitHash: testHash(rows) }
}

/** Rows of another file, with the recipe's columns; labels the run does not know are refused. */
function rowsOf(job: Pick<Job, 'recipe' | 'labels'>, file: string, io: AppIo): DataRow[] {
  const { recipe, labels } = job
  const { rows } = readRows(
    {
      paths: [resolve(file)],
      columns: recipe.data.columns as Record<string, string>,
      task: recipe.task,
      split: 'test',
    },
    { cancel: io.cancel, progress: io.progress },
  )
  const unknown = rows.find((r) => labels.length > 0 && !labels.includes(r.label ?? ''))
  if (unknown !== undefined) throw new AppError('evaluation.label_unknown', { file, line: unknown.source.line })
  assignIds(rows)
  return rows
}

function record(
  context: AppContext,
  subject: Subject,
  value: { base: Prediction[] | null; tuned: Prediction[] },
  result: EvaluationResult,
): void {
  context.store().write((tx) => {
    const { name } = subject.job.recipe
    const projectId = subject.projectId ?? tx.projects.byName(name)?.id ?? tx.projects.add({ name })
    const run = subject.runId === null ? {} : { runId: subject.runId }
    const id = tx.evaluations.add({
      projectId,
      ...run,
      splitHash: subject.splitHash,
      verdict: true,
      result: { ...result },
    })
    tx.evaluations.addPredictions(id, predictionRecords(value))
    tx.audit({
      action: 'evaluation.add',
      subject: id,
      detail: { splitHash: subject.splitHash, rows: subject.rows.length },
    })
  })
}
