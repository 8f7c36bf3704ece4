import type { ReportData } from '../../contract/domain/report.ts'
import { type Html, html, joined, type Part, user } from '../html.ts'
import { notesOf } from '../notes.ts'
import type { Texts } from '../texts/index.ts'
import { digest, facts, section } from './blocks.ts'

export function provenanceSection(data: ReportData, texts: Texts): Html {
  const { plain, format } = texts
  const { model, adapter, signature, recipeHash, planHash } = data
  const { fingerprint } = model
  const uses = data.data.testSplitUses
  const hex = (value: string | undefined) => (value ? digest(value) : undefined)
  const signer =
    signature &&
    (signature.signer === undefined
      ? html`<code>${user(signature.keyId, 100)}</code>`
      : texts.rich('provenance.signer', {
          key: html`<code>${user(signature.keyId, 100)}</code>`,
          signer: signature.signer,
        }))
  const pairs: [Part, Part][] = [
    [plain('provenance.base'), baseModel(data)],
    [plain('provenance.fingerprint.weights'), hex(fingerprint.weights)],
    [plain('provenance.fingerprint.architecture'), hex(fingerprint.architecture)],
    [plain('provenance.fingerprint.tokenizer'), hex(fingerprint.tokenizer)],
    [plain('provenance.fingerprint.chatTemplate'), hex(fingerprint.chatTemplate)],
    [plain('provenance.adapter'), hex(adapter?.sha256)],
    [plain('provenance.adapterSize'), adapter?.bytes !== undefined && format.bytes(adapter.bytes)],
    [plain('provenance.parents'), adapter?.parents?.length ? user(format.list(adapter.parents)) : undefined],
    [plain('provenance.signature'), signer ?? plain('provenance.unsigned')],
    [plain('provenance.recipe'), hex(recipeHash)],
    [plain('provenance.plan'), hex(planHash)],
    [plain('provenance.testUses'), uses !== undefined && plain('provenance.testUsesValue', { count: uses })],
    [plain('provenance.machine'), machine(data, texts)],
    [plain('provenance.product'), user(programs(data))],
  ]
  return section(
    texts,
    'section.provenance',
    html`${facts(pairs, 'wide')}<p class="small">${plain('provenance.explain')}</p>`,
  )
}

function baseModel({ model }: ReportData): Html {
  const more = [model.family, model.fingerprint.storage, model.licence].filter(
    (part) => part !== undefined && part !== '',
  )
  return joined([user(model.id, 120), ...more.map((part) => user(part as string, 120))], ' · ')
}

function machine({ machine: facts, train }: ReportData, { plain, format }: Texts): Html {
  const parts = [
    facts.cpu,
    facts.cores === undefined ? undefined : plain('provenance.cores', { count: facts.cores }),
    train.threads === undefined ? undefined : plain('provenance.threads', { count: train.threads }),
    facts.memoryBytes === undefined ? undefined : plain('provenance.memory', { size: format.bytes(facts.memoryBytes) }),
    facts.os,
    train.device,
  ]
  return joined(
    parts.filter((part) => part !== undefined).map((part) => user(part, 120)),
    ' · ',
  )
}

const programs = ({ productVersion, machine: { runtime } }: ReportData): string =>
  runtime === undefined ? `Airlock ${productVersion}` : `Airlock ${productVersion} · ${runtime}`

export function notesSection(data: ReportData, texts: Texts): Html {
  const notes = notesOf(data, texts).map(({ key, values }) => html`<li>${texts.rich(key, values)}</li>`)
  return section(texts, 'section.notes', html`<ul class="notes">${notes}</ul>`)
}
