import { bf16Codec, type FloatCodec, f16Codec, f32Codec, f64Codec } from '../float-codecs.ts'
import { q4_0, q4_1, q4_k, q5_0, q5_1, q5_k, q6_k, q8_0 } from './dequantise.ts'

/** A tensor type of ggml: its block, and the dequantisation where there is one here. */
export interface GgufType {
  readonly name: string
  readonly blockSize: number
  /** 0: a type known by name only (removed from ggml, or too new), so not even the file's layout can be checked. */
  readonly blockBytes: number
  readonly codec: FloatCodec | undefined
}

const readable = (name: string, codec: FloatCodec): GgufType => ({
  name,
  blockSize: codec.blockSize,
  blockBytes: codec.blockBytes,
  codec,
})
const known = (name: string, blockSize: number, blockBytes: number): GgufType => ({
  name,
  blockSize,
  blockBytes,
  codec: undefined,
})
const named = (name: string): GgufType => known(name, 1, 0)

/** All types by number. Source: ggml, include/ggml.h (enum ggml_type) and src/ggml-common.h (block sizes). */
export const ggufTypes: ReadonlyMap<number, GgufType> = new Map<number, GgufType>([
  [0, readable('F32', f32Codec)],
  [1, readable('F16', f16Codec)],
  [2, readable('Q4_0', q4_0)],
  [3, readable('Q4_1', q4_1)],
  [4, named('Q4_2')],
  [5, named('Q4_3')],
  [6, readable('Q5_0', q5_0)],
  [7, readable('Q5_1', q5_1)],
  [8, readable('Q8_0', q8_0)],
  [9, known('Q8_1', 32, 36)],
  [10, known('Q2_K', 256, 84)],
  [11, known('Q3_K', 256, 110)],
  [12, readable('Q4_K', q4_k)],
  [13, readable('Q5_K', q5_k)],
  [14, readable('Q6_K', q6_k)],
  [15, known('Q8_K', 256, 292)],
  [16, known('IQ2_XXS', 256, 66)],
  [17, known('IQ2_XS', 256, 74)],
  [18, known('IQ3_XXS', 256, 98)],
  [19, known('IQ1_S', 256, 50)],
  [20, known('IQ4_NL', 32, 18)],
  [21, known('IQ3_S', 256, 110)],
  [22, known('IQ2_S', 256, 82)],
  [23, known('IQ4_XS', 256, 136)],
  [24, known('I8', 1, 1)],
  [25, known('I16', 1, 2)],
  [26, known('I32', 1, 4)],
  [27, known('I64', 1, 8)],
  [28, readable('F64', f64Codec)],
  [29, known('IQ1_M', 256, 56)],
  [30, readable('BF16', bf16Codec)],
  [31, named('Q4_0_4_4')],
  [32, named('Q4_0_4_8')],
  [33, named('Q4_0_8_8')],
  [34, known('TQ1_0', 256, 54)],
  [35, known('TQ2_0', 256, 66)],
  [36, named('IQ4_NL_4_4')],
  [37, named('IQ4_NL_4_8')],
  [38, named('IQ4_NL_8_8')],
  [39, known('MXFP4', 32, 17)],
  [40, named('NVFP4')],
  [41, named('Q1_0')],
])
