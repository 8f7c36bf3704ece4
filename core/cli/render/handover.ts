import type { Inspection } from '../../contract/app.ts'
import { type Lang, message } from '../../contract/messages/index.ts'
import { printable } from '../text.ts'
import { renderGeneric } from './generic.ts'
import { renderArtifacts } from './run.ts'

/** The verdict in words: who signed it, whether it fits, what is wrong. */
export function renderInspection(inspection: Inspection, lang: Lang): string {
  const { name, kind, file, signer, problems, metrics } = inspection
  const fit = message(lang, `base.${inspection.base}`, { model: inspection.matchingModel, base: inspection.baseModel })
  const who =
    signer === null ? message(lang, 'result.none') : [signer.name, signer.id].filter((part) => part !== '').join(' · ')
  const lines = [
    `${name} (${kind})`,
    file,
    `${message(lang, 'inspect.signature')}: ${message(lang, `signature.${inspection.signature}`)}`,
    `${message(lang, 'inspect.signer')}: ${who}`,
    `${message(lang, 'inspect.base')}: ${fit}`,
    ...(problems.length === 0 ? [] : [`${message(lang, 'inspect.problems')}: ${problems.join('; ')}`]),
  ].map((line) => printable(line).replace(/\n/g, ' '))
  const figures = Object.keys(metrics).length === 0 ? [] : [renderGeneric({ metrics })]
  return [...lines, ...figures].join('\n')
}

/** Refused by a gate: what was altered or revoked, or belongs to another model, must not pass a script unnoticed. */
export function inspectionExit({ signature, base }: Inspection): 0 | 4 {
  return signature === 'altered' || signature === 'revoked' || base === 'different' ? 4 : 0
}

export function renderExport({ artifacts }: { run: string; artifacts: Record<string, string> }, lang: Lang): string {
  return renderArtifacts(artifacts, lang)
}
