import { z } from 'zod'
import { AppError } from '../../kit/error.ts'
import { nearest, sameWord } from './nearest.ts'
import { resolveRecipe } from './resolve.ts'
import { recipeSchema } from './schema.ts'
import type { Recipe } from './types.ts'

/**
 * Checks a recipe that was read from YAML or JSON and fills in every default.
 * Errors: `recipe.unknown_key` (first), `recipe.invalid`, and the checks between keys in `resolve.ts`.
 * @param options.name project name for a recipe without one (the file's own name)
 */
export function parseRecipe(value: unknown, options: { name?: string } = {}): Recipe {
  const parsed = recipeSchema.safeParse(value)
  if (!parsed.success) throw issueError(parsed.error.issues, value)
  return resolveRecipe(parsed.data, options.name)
}

type Issue = z.core.$ZodIssue

function issueError(issues: readonly Issue[], value: unknown): AppError {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') return unknownKey(issue.path, issue.keys[0]!)
  }
  const { path } = issues[0]!
  return new AppError('recipe.invalid', {
    path: path.length === 0 ? 'recipe' : pathText(path),
    expected: expectedAt(path),
    got: shown(valueAt(value, path)),
  })
}

function unknownKey(path: readonly PropertyKey[], key: string): AppError {
  const siblings = Object.keys(objectAt(path)?.shape ?? {})
  const everywhere = recipeKeys()
  // The right key in the wrong section is worth more than the most similar one in this section.
  const home = everywhere.find((known) => sameWord(known.slice(known.lastIndexOf('.') + 1), key))
  const here = siblings.find((known) => sameWord(known, key))
  const prefix = path.length === 0 ? '' : `${pathText(path)}.`
  const suggestion = here ?? home ?? nearest(key, siblings)
  return new AppError('recipe.unknown_key', { path: `${prefix}${key}`, key, nearest: suggestion ?? '' })
}

/** `data.train[0]` */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<PropertyKey, unknown>)[part]
  }
  return at
}

/** A short text of a value for an error: recipes hold settings, never rows, but may hold long prompts. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

interface Wrapper {
  _zod: { def: { type: string; innerType?: z.ZodType; in?: z.ZodType; element?: z.ZodType; options?: z.ZodType[] } }
}

/** Takes off default, optional, nullable and transform wrappers. */
function bare(schema: z.ZodType): z.ZodType {
  const def = (schema as unknown as Wrapper)._zod.def
  const inner = def.innerType ?? def.in
  return inner === undefined ? schema : bare(inner)
}

function objectAt(path: readonly PropertyKey[]): z.ZodObject | undefined {
  let at: z.ZodType | undefined = recipeSchema
  for (const part of path) {
    const object: z.ZodType | undefined = at === undefined ? undefined : bare(at)
    at = object instanceof z.ZodObject && typeof part === 'string' ? (object.shape[part] as z.ZodType) : undefined
  }
  const object = at === undefined ? undefined : bare(at)
  return object instanceof z.ZodObject ? object : undefined
}

/** What the schema says about a key, or about the nearest key around a list item. */
function expectedAt(path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1]
    const schema = typeof key === 'string' ? objectAt(path.slice(0, length - 1))?.shape[key] : undefined
    const expected = schema === undefined ? undefined : z.globalRegistry.get(schema as z.ZodType)?.expected
    if (typeof expected === 'string') return expected
  }
  return String(z.globalRegistry.get(recipeSchema)?.expected)
}

/** Every key of the recipe with its path (`train.learningRate`), in the order of the schema. */
export function recipeKeys(): string[] {
  const keys: string[] = []
  const walk = (object: z.ZodObject, prefix: string): void => {
    for (const [key, schema] of Object.entries(object.shape)) {
      keys.push(prefix + key)
      const inner = bare(schema as z.ZodType)
      if (inner instanceof z.ZodObject) walk(inner, `${prefix}${key}.`)
    }
  }
  walk(recipeSchema, '')
  return keys
}

/** The rule of one key as text (`number > 0`), for help and forms; undefined for an unknown key. */
export function recipeKeyRule(key: string): string | undefined {
  const path = key.split('.')
  const name = path.pop()!
  const schema = objectAt(path)?.shape[name]
  const expected = schema === undefined ? undefined : z.globalRegistry.get(schema as z.ZodType)?.expected
  return typeof expected === 'string' ? expected : undefined
}
