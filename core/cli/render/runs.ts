import type { RunDetails, RunSummary } from '../../contract/app.ts'
import { type Lang, message } from '../../contract/messages/index.ts'
import { table } from '../text.ts'
import { renderGeneric } from './generic.ts'
import { renderRun } from './run.ts'

export function renderRuns({ runs }: { runs: RunSummary[] }, lang: Lang): string {
  if (runs.length === 0) return message(lang, 'result.empty')
  const keys = [
    'column.run',
    'column.project',
    'column.state',
    'column.started',
    'column.step',
    'metric.macroF1',
  ] as const
  const rows = runs.map((run) => [
    run.run,
    run.project,
    message(lang, `state.${run.state}`),
    run.startedAt,
    `${run.step}/${run.steps}`,
    run.macroF1 === null ? '—' : run.macroF1.toFixed(3),
  ])
  return table(
    keys.map((key) => message(lang, key)),
    rows,
  )
}

export function renderRunDetails(details: RunDetails, lang: Lang): string {
  const { result, state, ...rest } = details
  const head = renderGeneric({ ...rest, state: message(lang, `state.${state}`) })
  return result === null ? head : `${head}\n\n${renderRun(result, lang)}`
}
