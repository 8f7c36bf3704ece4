import { type JsonObject, type RecipeRecord, recipeRecordSchema } from '../contract/domain/store.ts'
import { type Clock, sha256 } from '../kit/index.ts'
import type { Session } from './session.ts'
import { canonicalText, checked, decodeMaybe, type RecordShape } from './values.ts'

const shape: RecordShape<RecipeRecord> = { table: 'recipes', schema: recipeRecordSchema, json: ['recipe'] }

export interface RecipeReader {
  byHash(hash: string): RecipeRecord | undefined
}

export interface RecipeWriter extends RecipeReader {
  /** Stores the recipe once and returns the SHA-256 of its canonical JSON. */
  add(recipe: JsonObject): string
}

export function recipeReader(session: Session): RecipeReader {
  const byHash = session.query('recipes', 'SELECT hash, recipe, added_at AS addedAt FROM recipes WHERE hash = ?')
  return { byHash: (hash) => decodeMaybe(session, shape, byHash.get([hash])) }
}

export function recipeWriter(session: Session, clock: Clock): RecipeWriter {
  const insert = session.command(
    'recipes',
    'INSERT INTO recipes (hash, recipe, added_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING',
  )
  return {
    ...recipeReader(session),
    add(recipe) {
      const text = canonicalText('recipes', 'recipe', checked('recipes', recipeRecordSchema.shape.recipe, recipe))
      const hash = sha256(text)
      insert.run([hash, text, clock.now()])
      return hash
    },
  }
}
