/** Limits of the GGUF reader. All are far above what published models need. */
export const limits = {
  /** Bytes of everything before the tensor data: metadata and tensor list. A vocabulary of 262,144 takes about 12 MB. */
  headerBytes: 256 << 20,
  /**
   * JavaScript objects that the metadata may create: one for a key, a string or a boolean of an array, 64 for an array.
   * A vocabulary of 262,144 tokens with its merges takes about 800,000.
   */
  objects: 4 << 20,
  /** Bytes of a metadata key, as in the format's description. */
  keyBytes: 65_535,
  /** Bytes of a tensor name (the description says 64; some tools build with more). */
  nameBytes: 256,
  /** Arrays within arrays. */
  arrayDepth: 4,
  dimensions: 4,
  tensors: 262_144,
  /** Largest `general.alignment`; the usual one is 32. */
  alignment: 1 << 16,
} as const
