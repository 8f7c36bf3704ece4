import { z } from 'zod'
import { type ModelFingerprint, modelFingerprintSchema } from './fingerprint.ts'

/** The manifest version this release writes; a higher one is refused by name. */
export const BUNDLE_SCHEMA_VERSION = 1

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
const keyId = z.string().regex(/^[0-9a-f]{16}$/)
/** Text for people: no control, format or separator characters that could forge a line on a screen. */
export const plainName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u)

/** A model id such as `smollm2-135m-instruct` or `org/name`: never a path of the machine. */
export const modelIdSchema = z
  .string()
  .max(200)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._+ -]*(\/[\p{L}\p{N}][\p{L}\p{N}._+ -]*)?$/u)
  .refine((id) => !id.includes('..'))

const facts = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'object',
)

export const parentSchema = z.looseObject({ name: plainName, sha256: sha256Hex })

export const bundleFileSchema = z.looseObject({
  path: z.string().min(1).max(1024),
  size: z.int().min(0),
  sha256: sha256Hex,
})

/**
 * `manifest.json` of a bundle. Members that this release does not know are allowed everywhere and survive reading and
 * writing again; the schema judges, the parsed JSON itself is what is kept.
 */
export const bundleManifestSchema = z.looseObject({
  schemaVersion: z.literal(BUNDLE_SCHEMA_VERSION),
  kind: z.literal('adapter'),
  name: plainName,
  /** ISO 8601, UTC. */
  created: z.iso.datetime(),
  author: z.looseObject({ name: plainName, keyId }),
  base: z.looseObject({ id: modelIdSchema, fingerprint: modelFingerprintSchema }),
  recipeHash: sha256Hex,
  /** Counts and classes; never rows. */
  data: facts,
  metrics: facts,
  parents: z.array(parentSchema).max(1000),
  codeVersion: plainName,
  files: z.array(bundleFileSchema).max(4000),
})

export interface BundleFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** An adapter that this one started from, by the digest of its weight file. */
export interface BundleParent {
  readonly name: string
  readonly sha256: string
}

/** The members this release knows; a manifest read from a file may hold more, and they are kept. */
export interface BundleManifest {
  readonly schemaVersion: typeof BUNDLE_SCHEMA_VERSION
  readonly kind: 'adapter'
  readonly name: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly author: { readonly name: string; readonly keyId: string }
  readonly base: { readonly id: string; readonly fingerprint: ModelFingerprint }
  readonly recipeHash: string
  readonly data: Readonly<Record<string, unknown>>
  readonly metrics: Readonly<Record<string, unknown>>
  readonly parents: readonly BundleParent[]
  readonly codeVersion: string
  readonly files: readonly BundleFile[]
}
