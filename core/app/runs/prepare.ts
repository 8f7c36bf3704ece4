import { join } from 'node:path'
import type { AppIo } from '../../contract/progress.ts'
import type { DataResult } from '../../contract/result.ts'
import {
  type DataFinding,
  type DataOptions,
  type DataRow,
  exampleEncoder,
  type PreparedData,
  prepareData,
} from '../../data/index.ts'
import { availableMemory, canonicalJson, machineFacts, sha256 } from '../../kit/index.ts'
import { parameterCount } from '../../models/index.ts'
import type { Tx } from '../../store/index.ts'
import type { AppContext } from '../context.ts'
import { type Job, jobFolder, writeJob } from '../job/folder.ts'
import { type ChosenModel, checkModel, type ExaminedModel, enterModel, findModel } from '../models.ts'
import { type LoadedRecipe, recipeFiles, recipeModel } from '../recipe.ts'

/** A job that is ready to run, and what later steps want to know of its making. */
export interface PreparedRun {
  readonly run: string
  readonly job: Job
  readonly folder: string
  readonly prepared: PreparedData
}

/** Data as the recipe asks for it, with the model that judges what is too long. */
export interface RecipeData {
  readonly chosen: ChosenModel
  readonly model: ExaminedModel
  readonly prepared: PreparedData
}

/** Reads and prepares the data of a recipe and examines its model; writes nothing, so that what is refused changes nothing. */
export function prepareRecipe(context: AppContext, loaded: LoadedRecipe, io: AppIo): RecipeData {
  const chosen = findModel(context, recipeModel(loaded))
  const { recipe } = loaded
  if (recipe.privacy.scan) io.log({ level: 'warn', key: 'note.notScanned' })
  const model = checkModel(chosen, io)
  const encoder = exampleEncoder({ task: recipe.task, prompt: recipe.prompt, ...model.language })
  const prepared = prepareData(dataOptions(loaded), {
    isTooLong: (row) => encoder.encode(row).ids.length > recipe.train.maxLength,
    cancel: io.cancel,
    progress: io.progress,
  })
  return { chosen, model, prepared }
}

export function dataOptions(loaded: LoadedRecipe): DataOptions {
  const { recipe } = loaded
  const { data } = recipe
  return {
    ...recipeFiles(loaded),
    split: data.split,
    columns: data.columns as Record<string, string>,
    labels: data.labels,
    perClass: data.perClass,
    duplicates: data.duplicates,
    leaks: data.leaks,
    nearLeaks: data.nearLeaks,
    balance: recipe.balance,
    seed: recipe.seed,
    needsValidation: recipe.train.evalEvery !== null || recipe.train.earlyStopping !== null,
    task: recipe.task,
  }
}

/**
 * Memory that training may take: what the model itself needs plus a comfortable working set, so that the person can
 * go on working; at most 70 % of what is free now.
 */
export function memoryBudget(parameters: number): number {
  return Math.min(0.7 * availableMemory(), parameters * 4 + 1.6e9)
}

/** Everything before the start: model, data, job folder, and one transaction that records it all. */
export function prepareRun(context: AppContext, loaded: LoadedRecipe, evaluates: boolean, io: AppIo): PreparedRun {
  const { chosen, model, prepared } = prepareRecipe(context, loaded, io)
  enterModel(context, chosen, model)
  const { recipe: written } = loaded
  // What is stored and handed over names the classes, so that it says by itself what the adapter distinguishes.
  const labels = written.task === 'classification' ? prepared.labels : null
  const recipe = { ...written, data: { ...written.data, labels: labels === null ? null : [...labels] } }
  const data: DataResult = {
    ...prepared.summary,
    classes: { ...prepared.summary.classes },
    personalData: { ...prepared.summary.personalData },
  }
  return context.store().write((tx) => {
    const project = tx.projects.byName(recipe.name)?.id ?? tx.projects.add({ name: recipe.name })
    const recipeHash = tx.recipes.add({ ...recipe })
    const versionId = storeRows(tx, { project, recipeHash, prepared })
    const run = `run-${tx.runs.list({ limit: 1_000_000 }).length + 1}`
    const folder = join(context.folders.runs, run)
    const job: Job = {
      schemaVersion: 1,
      run,
      project: recipe.name,
      codeVersion: context.options.version,
      recipe,
      model: { id: chosen.id, path: chosen.path, fingerprint: model.fingerprint },
      labels: prepared.labels,
      data,
      classesBefore: prepared.classesBefore,
      findings: findingsOf(prepared.findings),
      testHash: testHash(prepared.test),
      threads: context.options.threads ?? machineFacts().cores,
      memoryBytes: Math.round(memoryBudget(parameterCount(model.config))),
      evaluates,
    }
    writeJob(jobFolder(folder), job, [...prepared.train, ...prepared.validation, ...prepared.test])
    tx.runs.add({ id: run, projectId: project, recipeHash, modelId: chosen.id, versionId, jobFolder: folder })
    const { scan, findings, acceptedBy } = recipe.privacy
    tx.audit({
      action: 'run.prepare',
      subject: run,
      detail: { recipeHash, model: chosen.id, privacy: { scan, scanned: false, findings, acceptedBy } },
    })
    return { run, job, folder, prepared }
  })
}

/** Counts of the findings; the rows themselves stay in the store. */
function findingsOf(findings: readonly DataFinding[]): Job['findings'] {
  return findings.map(({ kind, count, removed }) => ({ kind, count, removed }))
}

/** Identity of a test split: what its rows hold, whatever their order. */
export function testHash(rows: readonly Pick<DataRow, 'hash'>[]): string {
  return sha256(canonicalJson(rows.map((r) => r.hash).sort()))
}

function storeRows(tx: Tx, input: { project: string; recipeHash: string; prepared: PreparedData }): string {
  const { project, recipeHash, prepared } = input
  const rows = [...prepared.train, ...prepared.validation, ...prepared.test]
  const dataset = tx.datasets.byName(project, 'recipe')?.id ?? tx.datasets.add({ projectId: project, name: 'recipe' })
  const version = tx.datasets.addVersion({
    datasetId: dataset,
    recipeHash,
    contentHash: sha256(canonicalJson(rows.map((r) => [r.id, r.hash, r.split]))),
    testHash: prepared.test.length > 0 ? testHash(prepared.test) : null,
  })
  tx.rows.add(
    version,
    (function* () {
      for (const r of rows) {
        const source = { fileHash: r.source.sha256, sheet: r.source.sheet, line: r.source.line }
        yield {
          id: r.id,
          contentHash: r.hash,
          source,
          parent: r.parent,
          group: r.group,
          split: r.split,
          origin: r.origin,
          label: r.label,
          fields: r.fields,
        }
      }
    })(),
  )
  return version
}
