import {
  BUNDLE_SCHEMA_VERSION,
  type BundleFile,
  type BundleManifest,
  bundleManifestSchema,
} from '../../contract/domain/bundle.ts'
import { checkName } from '../../formats/zip/index.ts'
import { AppError, canonicalJson, isAppError } from '../../kit/index.ts'

export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'signature.json'
export const ADAPTER_CONFIG = 'adapter/adapter_config.json'
export const ADAPTER_WEIGHTS = 'adapter/adapter_model.safetensors'

const MAX_DEPTH = 64

/** The one byte sequence of a manifest that is signed. */
export function encodeManifest(manifest: BundleManifest): Uint8Array {
  return new TextEncoder().encode(canonicalJson(manifest))
}

/**
 * Reads manifest bytes and keeps members that this release does not know.
 * @throws bundle.schema_newer, bundle.kind_unknown, bundle.manifest_invalid with the place that is wrong
 */
export function parseManifest(bytes: Uint8Array): BundleManifest {
  const raw = parseExactly(bytes)
  const { schemaVersion, kind } = (raw ?? {}) as Record<string, unknown>
  if (typeof schemaVersion === 'number' && schemaVersion > BUNDLE_SCHEMA_VERSION) {
    throw new AppError('bundle.schema_newer', { version: schemaVersion, known: BUNDLE_SCHEMA_VERSION })
  }
  if (schemaVersion === BUNDLE_SCHEMA_VERSION && typeof kind === 'string' && kind !== 'adapter') {
    throw new AppError('bundle.kind_unknown', { kind: kind.slice(0, 40) })
  }
  const judged = bundleManifestSchema.safeParse(raw)
  if (!judged.success) invalid(judged.error.issues[0]?.path.join('.') || 'manifest')
  const manifest = raw as BundleManifest
  checkFiles(manifest.files)
  return manifest
}

function checkFiles(files: readonly BundleFile[]): void {
  const paths = new Set<string>()
  for (const { path } of files) {
    try {
      checkName(path)
    } catch (error) {
      if (!isAppError(error)) throw error
      invalid('files')
    }
    if (paths.has(path) || path === MANIFEST || path === SIGNATURE || path.endsWith('/')) invalid('files')
    paths.add(path)
  }
  if (!paths.has(ADAPTER_CONFIG) || !paths.has(ADAPTER_WEIGHTS)) invalid('files')
}

/** JSON whose values survive being written again: no integer beyond 2^53, no endless nesting. */
function parseExactly(bytes: Uint8Array): unknown {
  let exact = true
  // The third argument (source text of a number) is newer than the library types.
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const digits = context?.source
    if (typeof value === 'number' && digits && /^-?\d+$/.test(digits) && !Number.isSafeInteger(value)) exact = false
    if (typeof value === 'number' && !Number.isFinite(value)) exact = false
    return value
  }
  let raw: unknown
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), reviver)
  } catch {
    return invalid('JSON')
  }
  if (!exact) invalid('number')
  if (depthOf(raw) > MAX_DEPTH) invalid('depth')
  return raw
}

function depthOf(value: unknown): number {
  let depth = 0
  let level: unknown[] = [value]
  while (level.length > 0 && depth <= MAX_DEPTH) {
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []))
    depth++
  }
  return depth
}

function invalid(place: string): never {
  throw new AppError('bundle.manifest_invalid', { place })
}
