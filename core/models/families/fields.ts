import { AppError } from '../../kit/error.ts'
import type { RopeScaling } from '../config.ts'

/** Typed access to an untrusted `config.json`: every refusal names the key. */
export interface Fields {
  /** A whole number from 1 to `largest`. */
  int(key: string, fallback?: number, largest?: number): number
  number(key: string, fallback?: number): number
  bool(key: string, fallback: boolean): boolean
  object(key: string): Fields | null
  text(key: string, fallback: string): string
  raw(key: string): unknown
}

/** Largest plausible dimension: anything above is a broken or hostile file, not a model. */
const maxInt = 2 ** 31 - 1

export function fieldsOf(record: Readonly<Record<string, unknown>>, path = ''): Fields {
  const bad = (key: string, expected: string): never => {
    throw new AppError('model.config.invalid', { key: path + key, expected })
  }
  const get = (key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined)
  const number = (key: string, fallback?: number): number => {
    const value = get(key) ?? fallback
    return typeof value === 'number' && Number.isFinite(value) ? value : bad(key, 'a number')
  }
  return {
    number,
    int(key, fallback, largest = maxInt) {
      const value = number(key, fallback)
      if (Number.isInteger(value) && value > 0 && value <= largest) return value
      return bad(key, largest === maxInt ? 'a positive whole number' : `a whole number from 1 to ${largest}`)
    },
    bool(key, fallback) {
      const value = get(key) ?? fallback
      return typeof value === 'boolean' ? value : bad(key, 'true or false')
    },
    text(key, fallback) {
      const value = get(key) ?? fallback
      return typeof value === 'string' ? value : bad(key, 'text')
    },
    object(key) {
      const value = get(key) ?? null
      if (value === null) return null
      if (typeof value !== 'object' || Array.isArray(value)) return bad(key, 'an object')
      return fieldsOf(value as Record<string, unknown>, `${path}${key}.`)
    },
    raw: get,
  }
}

/** Refuses an option that would change the computation and is not built: never run approximately. */
export function refuseOption(family: string, option: string, value: unknown): never {
  throw new AppError('model.option_unsupported', { family, option, value: String(value) })
}

/** Rope parameters in the new (`rope_parameters`) or the old (`rope_theta`, `rope_scaling`) spelling. */
export function ropeOf(family: string, f: Fields): { theta: number; scaling: RopeScaling } {
  const modern = f.object('rope_parameters')
  const theta = modern?.number('rope_theta') ?? f.number('rope_theta', 10000)
  if (!(theta > 0)) throw new AppError('model.config.invalid', { key: 'rope_theta', expected: 'a positive number' })
  const scaling = modern ?? f.object('rope_scaling')
  if (scaling === null) return { theta, scaling: { kind: 'none' } }
  const kind = scaling.text('rope_type', scaling.text('type', 'default'))
  switch (kind) {
    case 'default':
      return { theta, scaling: { kind: 'none' } }
    case 'linear':
      return { theta, scaling: { kind: 'linear', factor: scaling.number('factor') } }
    case 'llama3':
      return {
        theta,
        scaling: {
          kind: 'llama3',
          factor: scaling.number('factor'),
          lowFrequencyFactor: scaling.number('low_freq_factor'),
          highFrequencyFactor: scaling.number('high_freq_factor'),
          originalMaxPositions: scaling.int('original_max_position_embeddings'),
        },
      }
    default:
      return refuseOption(family, 'rope_type', kind)
  }
}
