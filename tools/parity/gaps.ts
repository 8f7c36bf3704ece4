import { openModel } from '../../core/models/index.ts'
import { openReference, readJsonFile, siblingOf } from './reference.ts'
import { type ParityReport, Report } from './report.ts'

/** Groups of recorded quantities that the product cannot compute yet, by the first part of their names. */
const gaps: Readonly<Record<string, string>> = {
  full: 'training of all parameters is not built yet',
  prompt: 'prompt tuning is not built yet',
  dpo: 'preference training (DPO) is not built yet',
  grpo: 'reward training (GRPO) is not built yet',
  lora_experts: 'adapters on fused experts are not built yet',
}

/** What a recorded computation starts from; nothing to recompute. */
const given = /\.(?:ids|rewards|old_logps|\w+_(?:ids|mask))$/

/** `grad`, `final` and `grad_step1` hold one tensor for each parameter: one quantity. */
const perParameter = /^(.*\.(?:grad|final|grad_step1))\.(?:base_model|model|prompt_embeddings)\b.*$/

/**
 * An `-extra` or `-experts` folder: everything in it is a gap, named quantity by quantity. The model is opened all the
 * same, so that an unsupported family is refused.
 */
export function listGaps(folder: string): ParityReport {
  const model = openModel(siblingOf(folder))
  model.close()
  const report = new Report(folder, model.config.family)
  const reference = openReference(folder)
  reference.close()
  const groups = new Map<string, string[]>()
  for (const name of reference.names) {
    const quantity = name.replace(perParameter, '$1')
    groups.set(quantity, [...(groups.get(quantity) ?? []), name])
  }
  const areGiven = [...groups.keys()].filter((name) => given.test(name))
  for (const [quantity, tensors] of groups) {
    const group = quantity.slice(0, quantity.indexOf('.'))
    const why = gaps[group]
    if (why === undefined || areGiven.includes(quantity)) continue
    report.skip(quantity, why, [...tensors, ...areGiven.filter((name) => name.startsWith(`${group}.`))])
  }
  const { full_training: full } = readJsonFile<{ full_training?: { checksums?: unknown } }>(folder, 'reference.json')
  if (full?.checksums !== undefined) report.skip('full.checksums', gaps.full!)
  report.account(reference.unread())
  return report.finish()
}
