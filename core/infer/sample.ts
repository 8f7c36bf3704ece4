import type { RandomStream } from '../kit/index.ts'

/** How the next token is chosen. Temperature 0 is greedy. */
export interface SamplingSettings {
  readonly temperature: number
  /** Smallest set of tokens whose probabilities reach this share; 1 keeps all. */
  readonly topP: number
}

/** Index of the largest value; the first one of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** Draws a token from logits [V]. Not-a-number logits are a defect of the model and never sampled from. */
export function sampleToken(logits: Float32Array, settings: SamplingSettings, random: RandomStream): number {
  const best = argMax(logits)
  if (settings.temperature <= 0) return best
  const top = logits[best]!
  const candidates = Array.from(logits, (logit, id) => ({ id, weight: Math.exp((logit - top) / settings.temperature) }))
    .filter((c) => c.weight > 1e-9)
    .sort((a, b) => b.weight - a.weight || a.id - b.id)
  const total = candidates.reduce((sum, c) => sum + c.weight, 0)
  let kept = 0
  let mass = 0
  while (kept < candidates.length && mass < settings.topP * total) mass += candidates[kept++]!.weight
  let at = random.float() * mass
  for (const { id, weight } of candidates.slice(0, kept)) {
    at -= weight
    if (at <= 0) return id
  }
  return candidates[kept - 1]!.id
}
