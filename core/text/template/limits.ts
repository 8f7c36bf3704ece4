import { AppError, type Clock, systemClock } from '../../kit/index.ts'

/**
 * Bounds on a template, which is a program from a stranger. Steps count evaluated nodes, list elements and every 32
 * characters of text touched, so that both time and memory follow from them and the outcome does not depend on the
 * machine; the clock is only a backstop.
 */
export const templateLimits = {
  sourceLength: 1 << 18,
  /** Nesting while parsing and while evaluating (macro calls included). */
  depth: 180,
  steps: 1_000_000,
  /** UTF-16 units of one text value. */
  textLength: 1 << 22,
  /** Elements of `range()`, the bound of Jinja's own sandbox. */
  range: 100_000,
  milliseconds: 250,
} as const

export function overLimit(limit: keyof typeof templateLimits | 'number', maximum: number): AppError {
  return new AppError('text.template.limit', { limit, maximum })
}

const CLOCK_EVERY = 1 << 14
const UNITS_PER_STEP = 32
const STEPS_PER_INPUT_UNIT = 4

/** What one rendering may still spend; `charge` is called before the work it pays for. */
export class Budget {
  #steps = 0
  #depth = 0
  #clockAt = CLOCK_EVERY
  readonly #maximum: number
  readonly #clock: Clock
  readonly #until: number

  /** `inputUnits` is the size of the conversation: long input earns more steps, a template does not. */
  constructor(inputUnits: number, clock: Clock = systemClock) {
    this.#maximum = templateLimits.steps + STEPS_PER_INPUT_UNIT * inputUnits
    this.#clock = clock
    this.#until = clock.seconds() + templateLimits.milliseconds / 1000
  }

  charge(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#maximum) throw overLimit('steps', this.#maximum)
    if (this.#steps < this.#clockAt) return
    this.#clockAt = this.#steps + CLOCK_EVERY
    if (this.#clock.seconds() > this.#until) throw overLimit('milliseconds', templateLimits.milliseconds)
  }

  /** Pays for reading or making a text of this many UTF-16 units, and bounds its size. */
  text(units: number): void {
    if (units > templateLimits.textLength) throw overLimit('textLength', templateLimits.textLength)
    this.charge(1 + units / UNITS_PER_STEP)
  }

  /** Pays for work that looks at every character on its own, which costs far more than copying. */
  characters(units: number): void {
    this.charge(1 + units / 2)
  }

  /** Pays for looking for `needle` in `hay`; a long needle may make every position expensive. */
  search(hay: string, needle: string): void {
    this.charge(1 + (hay.length * Math.min(needle.length, 256)) / 256 + hay.length / UNITS_PER_STEP)
  }

  enter(): void {
    if (++this.#depth > templateLimits.depth) throw overLimit('depth', templateLimits.depth)
  }

  leave(): void {
    this.#depth--
  }
}
