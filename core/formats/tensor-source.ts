/** What a file says about one tensor. `dtype` is the stored type by the format's own name (`F32`, `BF16`, `Q4_1` …). */
export interface TensorInfo {
  readonly name: string
  readonly dtype: string
  /** Row-major: the last dimension is contiguous in memory, whatever order the file lists. */
  readonly shape: readonly number[]
  /** Stored bytes, before any conversion. */
  readonly byteLength: number
}

/** An open, checked file (or set of shards) of named tensors; values are read on demand and never kept. */
export interface TensorSource {
  readonly kind: 'safetensors' | 'gguf'
  readonly path: string
  /** All tensor names, sorted by code unit. */
  names(): readonly string[]
  /** Throws `format.tensor_missing` when the file has no such tensor. */
  info(name: string): TensorInfo
  /** A fresh copy of the stored bytes. */
  readBytes(name: string): Uint8Array
  /**
   * The values as float32, converted or dequantised; in row-major order. With `into` (exactly as long as the tensor
   * has elements) the values are written there. Extra memory is one scratch buffer of a few megabytes, whatever the
   * size of the tensor. Throws `format.safetensors.dtype_unsupported` or `format.gguf.type_unsupported` for a stored
   * type that has no float32 reading here.
   */
  readFloat32(name: string, into?: Float32Array): Float32Array
  close(): void
}
