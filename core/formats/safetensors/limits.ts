/** Limits of the safetensors reader. All are far above what published models need. */
export const limits = {
  /** Bytes of the header, as in the format's own description. */
  headerBytes: 100_000_000,
  /** Bytes of `model.safetensors.index.json`. */
  indexBytes: 100_000_000,
  /** Tensors in one file. The largest published checkpoints have about 10^5 in all their shards together. */
  tensors: 262_144,
  /** Entries of `__metadata__`. */
  metadataEntries: 65_536,
  /** Dimensions of one tensor. */
  rank: 32,
  /** UTF-16 units of a tensor's name. */
  nameLength: 1024,
  /** Files of one sharded model. */
  shards: 1000,
} as const
