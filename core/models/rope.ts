import type { ModelConfig } from './config.ts'

/** Inverse frequencies [headDim/2] of the rotary embedding, scaling included. */
export function inverseFrequencies(config: ModelConfig): Float64Array {
  const { headDim, ropeTheta, ropeScaling } = config
  const plain = Float64Array.from({ length: headDim / 2 }, (_, j) => 1 / ropeTheta ** ((2 * j) / headDim))
  switch (ropeScaling.kind) {
    case 'none':
      return plain
    case 'linear':
      return plain.map((f) => f / ropeScaling.factor)
    case 'divisors':
      return plain.map((f, j) => f / ropeScaling.divisors[j]!)
    case 'llama3': {
      // Llama 3.1: long waves are slowed by the factor, short ones kept, those between interpolated smoothly.
      const { factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions } = ropeScaling
      return plain.map((f) => {
        const wavelength = (2 * Math.PI) / f
        if (wavelength < originalMaxPositions / highFrequencyFactor) return f
        if (wavelength > originalMaxPositions / lowFrequencyFactor) return f / factor
        const smooth =
          (originalMaxPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
        return ((1 - smooth) * f) / factor + smooth * f
      })
    }
  }
}

/** cos and sin tables [positions, headDim/2], row-major. */
export function ropeTables(config: ModelConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(config)
  const half = frequencies.length
  const cos = new Float32Array(positions * half)
  const sin = new Float32Array(positions * half)
  for (let p = 0; p < positions; p++) {
    for (let j = 0; j < half; j++) {
      // The reference implementation multiplies in float32; doing the same keeps long positions equal.
      const angle = Math.fround(p * Math.fround(frequencies[j]!))
      cos[p * half + j] = Math.cos(angle)
      sin[p * half + j] = Math.sin(angle)
    }
  }
  return { cos, sin }
}
