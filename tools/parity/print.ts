import { printable, table } from '../../core/cli/text.ts'
import type { ParityReport } from './report.ts'

/** The report for a person: checks, then what was skipped and why, then the counts. */
export function printReport(report: ParityReport): string {
  const figure = (value: number): string =>
    value === 0 || Number.isInteger(value) ? String(value) : value.toExponential(2)
  const checks = report.checks.map(({ name, error, limit, ok }) => [
    name,
    figure(error),
    limit === 0 ? 'equal' : figure(limit),
    ok ? 'ok' : 'FAILED',
  ])
  const skipped = report.skipped.map(({ name, why }) => [name, why])
  return [
    printable(`${report.folder}  (${report.family})`),
    ...(checks.length === 0 ? [] : [table(['check', 'error', 'limit', ''], checks)]),
    ...(skipped.length === 0 ? [] : [table(['skipped', 'why'], skipped)]),
    `${report.passed} passed, ${report.failed} failed, ${skipped.length} skipped`,
  ].join('\n\n')
}
