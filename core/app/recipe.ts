import { basename, dirname, extname, isAbsolute, resolve } from 'node:path'
import { parseRecipe, type Recipe, unavailableFeatures } from '../contract/recipe/index.ts'
import { readYaml, YAML_LIMITS } from '../formats/yaml/index.ts'
import { AppError } from '../kit/error.ts'
import { diskFiles, openForReading } from '../kit/files.ts'

/** A recipe as it was written, and the folder that its relative paths belong to. */
export interface LoadedRecipe {
  recipe: Recipe
  /** Absolute folder of the recipe file. */
  folder: string
}

/**
 * Reads, checks and completes a recipe file; ends with `feature.unavailable` for what is not built, before anything
 * else is read. Paths inside stay as written, so that a recipe that travels in a bundle tells nothing of the machine.
 * @param path absolute
 */
export function loadRecipe(path: string, overrides: { seed?: number | null } = {}): LoadedRecipe {
  const parsed = parseRecipe(readYaml(readSmall(path)), { name: basename(path, extname(path)) })
  const seed = overrides.seed ?? null
  const recipe = seed === null ? parsed : { ...parsed, seed }
  const missing = unavailableFeatures(recipe)
  if (missing !== null) throw new AppError('feature.unavailable', { feature: missing })
  return { recipe, folder: dirname(path) }
}

function readSmall(path: string): Uint8Array {
  const file = openForReading(path)
  try {
    if (file.size > YAML_LIMITS.bytes) {
      throw new AppError('recipe.too_large', { bytes: file.size, limit: YAML_LIMITS.bytes })
    }
    const bytes = new Uint8Array(file.size)
    file.readInto(bytes, 0)
    return bytes
  } finally {
    file.close()
  }
}

/** Absolute paths of a recipe's data files. */
export function recipeFiles({ recipe, folder }: LoadedRecipe): {
  train: string[]
  test: string[] | null
  validation: string[] | null
} {
  const absolute = (paths: readonly string[]): string[] => paths.map((path) => resolve(folder, path))
  const { train, test, validation } = recipe.data
  return {
    train: absolute(train),
    test: test === null ? null : absolute(test),
    validation: validation === null ? null : absolute(validation),
  }
}

/**
 * What `model:` means: a path when it looks like one or such a file stands beside the recipe, an id otherwise.
 * @returns an absolute path, or the id
 */
export function recipeModel({ recipe, folder }: LoadedRecipe): { path: string } | { id: string } {
  const path = resolve(folder, recipe.model)
  const looksLikePath = isAbsolute(recipe.model) || /[\\/]|\.gguf$/i.test(recipe.model)
  return looksLikePath || diskFiles.exists(path) ? { path } : { id: recipe.model }
}
