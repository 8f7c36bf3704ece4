import type { DoctorReport, Forecast } from '../contract/app.ts'
import type { AppIo } from '../contract/progress.ts'
import { instructionSets, machineFacts, outsideConnections } from '../kit/index.ts'
import { parameterCount } from '../models/index.ts'
import { planHash } from '../train/index.ts'
import type { AppContext } from './context.ts'
import { planForecast } from './job/forecast.ts'
import type { SelfTestResult } from './job/self-test.ts'
import { loadRecipe } from './recipe.ts'
import { executeJob } from './runs/execute.ts'
import { memoryBudget, prepareRecipe } from './runs/prepare.ts'

/** Time, memory and disk of a recipe before it starts: the real plan on the real rows, timed by a short measurement of this machine. */
export async function forecast(
  context: AppContext,
  input: { recipe: string; seed: number | null; firstBatch: boolean },
  io: AppIo,
): Promise<Forecast> {
  const loaded = loadRecipe(input.recipe, input)
  const { model, prepared } = prepareRecipe(context, loaded, io)
  const threads = context.options.threads ?? machineFacts().cores
  const { value } = await executeJob<SelfTestResult>(context, { kind: 'selfTest', input: { threads } }, io)
  const planned = planForecast({
    recipe: loaded.recipe,
    config: model.config,
    language: model.language,
    rows: prepared.train,
    threads,
    memoryBytes: memoryBudget(parameterCount(model.config)),
    flopsPerSecond: value.flopsPerSecond,
  })
  const { plan, firstBatch, ...costs } = planned
  return {
    ...costs,
    fits: true,
    plan: { ...plan, planHash: planHash(plan) },
    ...(input.firstBatch ? { firstBatch } : {}),
  }
}

/** Checks this machine and this installation. */
export async function doctor(context: AppContext, io: AppIo): Promise<DoctorReport> {
  const facts = machineFacts()
  const { value } = await executeJob<SelfTestResult>(context, { kind: 'selfTest', input: { threads: facts.cores } }, io)
  const store = context.reader()
  const own = outsideConnections()
  const outside = own === null || value.outsideConnections === null ? null : own + value.outsideConnections
  const checks = [
    { name: 'cpu', ok: true, value: `${facts.cpu} × ${facts.cores}` },
    { name: 'memory', ok: facts.memoryBytes > 4e9, value: `${(facts.memoryBytes / 1e9).toFixed(1)} GB` },
    { name: 'instructions', ok: true, value: instructionSets()?.join(' ') || '–' },
    { name: 'runtime', ok: true, value: facts.runtime },
    { name: 'engine', ok: value.error < 1e-5, value: value.error.toExponential(1) },
    { name: 'matmul', ok: value.flopsPerSecond > 0, value: `${(value.flopsPerSecond / 1e9).toFixed(0)} GFLOP/s` },
    // Neither this process nor the engine's, which has just worked, may hold a socket to anywhere else.
    { name: 'egress', ok: outside === null || outside === 0, value: outside === null ? '–' : String(outside) },
    { name: 'store', ok: true, value: store === null ? '–' : context.options.workspace },
  ]
  return { ok: checks.every((c) => c.ok), checks }
}
