import { join } from 'node:path'
import { openZip, writeZip } from '../../formats/zip/index.ts'
import { type RawSpec, rawZip } from '../../formats/zip/rawZip.testing.ts'
import { draft, person, smallConfig, smallTensors } from '../adapters.testing.ts'
import { type BundleInput, encodePeft, type ManifestDraft, writeBundle } from '../index.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export function bundleFiles(seed = 1): BundleInput[] {
  const adapter = encodePeft({ config: smallConfig, tensors: smallTensors({ layers: 1, seed }) })
  return [
    { path: 'report.html', data: text('<!doctype html><title>报告</title>') },
    { path: 'metrics.json', data: text('{"accuracy":0.875}') },
    { path: 'recipe.yaml', data: text('name: triage\n') },
    ...adapter.map(({ path, data }) => ({ path: `adapter/${path}`, data })),
  ]
}

/** A signed bundle in `folder`, with the person who signed it. */
export async function sampleBundle(folder: string, manifest: ManifestDraft = draft, name = 'author') {
  const author = person(folder, name)
  const path = join(folder, 'triage.airlock')
  const written = await writeBundle({ path, manifest, files: bundleFiles(), signer: author.signer })
  return { ...author, ...written, path }
}

/** The files of an archive by name. */
export async function unzip(source: string | Uint8Array): Promise<Map<string, Uint8Array>> {
  const zip = await openZip(source)
  try {
    const files = new Map<string, Uint8Array>()
    for (const entry of zip.entries) files.set(entry.name, await zip.read(entry))
    return files
  } finally {
    zip.close()
  }
}

export function zipCanonically(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  return writeZip([...files].map(([name, data]) => ({ name, data })))
}

/** Packs files as another program would: deflated, without our mark, with more entries where given. */
export function zipForeign(files: ReadonlyMap<string, Uint8Array>, more: readonly RawSpec[] = []): Uint8Array {
  return rawZip([...[...files].map(([name, data]) => ({ name, data, deflate: true })), ...more])
}
