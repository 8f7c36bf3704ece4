import { type GgufSource, openGguf } from './gguf/index.ts'
import { openSafetensors, type SafetensorsSource } from './safetensors/index.ts'
import { detectModelFile } from './sniff.ts'

export * from './gguf/index.ts'
export * from './safetensors/index.ts'
export { detectModelFile, type ModelFileKind } from './sniff.ts'
export type { TensorInfo, TensorSource } from './tensor-source.ts'

/** Opens a tensor file as what its content says it is; `detectModelFile` lists what is refused. */
export function openTensorFile(path: string): SafetensorsSource | GgufSource {
  return detectModelFile(path) === 'gguf' ? openGguf(path) : openSafetensors(path)
}
