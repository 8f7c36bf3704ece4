import type { AirlockApp, AppOptions } from '../contract/app.ts'
import { AppError } from '../kit/error.ts'

/** Builds the use cases for one workspace. Not composed yet: every use case says so by name. */
export function createApp(_options: AppOptions): AirlockApp {
  return new Proxy({} as AirlockApp, {
    get: (_target, name) => async () => {
      if (name === 'close') return
      throw new AppError('feature.unavailable', { feature: String(name) })
    },
  })
}
