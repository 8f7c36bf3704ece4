export { unavailableFeatures, unavailableFormat } from './available.ts'
export { editDistance, nearest, sameWord } from './nearest.ts'
export { parseRecipe, recipeKeyRule, recipeKeys } from './parse.ts'
export { placeholdersOf, renderPrompt } from './placeholders.ts'
export {
  balanceSchema,
  COLUMN_ROLES,
  dataSchema,
  EXPORT_FORMATS,
  evaluateSchema,
  exportSchema,
  METRICS,
  methodSchema,
  privacySchema,
  promptSchema,
  type RecipeInput,
  recipeSchema,
  TARGETS,
  TASKS,
  trainSchema,
} from './schema.ts'
export type * from './types.ts'
