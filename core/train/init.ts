import { randomStream } from '../kit/index.ts'
import type { AdapterLayout } from '../models/index.ts'

/** A fresh adapter as PEFT starts one: A uniform in ±1/√in (Kaiming with a = √5), B zero, so the model starts unchanged. */
export function initialAdapter(layout: AdapterLayout, seed: number): Float32Array {
  const values = new Float32Array(layout.size)
  for (const { path, factor, shape, offset, size } of layout.tensors) {
    if (factor === 'B') continue
    const random = randomStream(seed, 'lora-init', path)
    const bound = 1 / Math.sqrt(shape[1])
    for (let i = 0; i < size; i++) values[offset + i] = (2 * random.float() - 1) * bound
  }
  return values
}
