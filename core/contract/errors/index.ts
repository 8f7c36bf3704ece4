import { adapterErrors } from './adapter.ts'
import { dataErrors } from './data.ts'
import { engineErrors } from './engine.ts'
import type { ErrorTable } from './entry.ts'
import { evaluationErrors } from './evaluation.ts'
import { formatErrors } from './format.ts'
import { generalErrors } from './general.ts'
import { modelErrors } from './model.ts'
import { recipeErrors } from './recipe.ts'
import { storeErrors } from './store.ts'
import { textErrors } from './text.ts'
import { trainErrors } from './train.ts'

/** Every error the product can show, by code. A test holds it against every `new AppError('…')` in the source. */
export const errorCatalogue: ErrorTable = {
  ...generalErrors,
  ...formatErrors,
  ...modelErrors,
  ...textErrors,
  ...dataErrors,
  ...storeErrors,
  ...engineErrors,
  ...trainErrors,
  ...adapterErrors,
  ...evaluationErrors,
  ...recipeErrors,
}
