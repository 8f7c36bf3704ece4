import { AppError } from '../../kit/error.ts'
import type { ModelConfig } from '../config.ts'
import { decoderConfig, type Family } from './family.ts'
import { fieldsOf } from './fields.ts'
import { llama } from './llama.ts'
import { qwen2 } from './qwen2.ts'

export type { Family } from './family.ts'

/** Every family the engine runs, in the order of product.md. */
export const families: readonly Family[] = [llama, qwen2]

function unsupported(architecture: string): AppError {
  return new AppError('model.unsupported', { architecture, supported: families.map((f) => f.name) })
}

/** The family of a `config.json`, or `model.unsupported` naming the architecture. */
export function configOfHuggingFace(record: Readonly<Record<string, unknown>>): ModelConfig {
  const f = fieldsOf(record)
  const type = f.text('model_type', '')
  const family = families.find((x) => x.modelTypes.includes(type))
  if (family === undefined) throw unsupported(type === '' ? '(model_type missing)' : type)
  if (f.raw('quantization_config') !== undefined)
    throw new AppError('model.option_unsupported', {
      family: family.name,
      option: 'quantization_config',
      value: 'present',
    })
  return decoderConfig(family, f)
}

/** The family of a GGUF file's `general.architecture`. */
export function familyOfGguf(architecture: string): Family {
  const family = families.find((x) => x.ggufArchitecture === architecture)
  if (family === undefined) throw unsupported(architecture === '' ? '(general.architecture missing)' : architecture)
  return family
}
