/** What an archive may ask for before anything of it is unpacked. Sizes are bytes. */
export interface ZipLimits {
  readonly maxEntries: number
  /** Unpacked size of one entry. */
  readonly maxEntryBytes: number
  /** Unpacked size of all entries together. */
  readonly maxTotalBytes: number
  /** Unpacked size over file size; small archives are exempt up to `freeBytes`. */
  readonly maxRatio: number
  readonly freeBytes: number
}

/** Deflate reaches about 1030:1 on zeros; real tables and reports stay far below 200:1. */
export const defaultZipLimits: ZipLimits = {
  maxEntries: 4096,
  maxEntryBytes: 0x3fffffff,
  maxTotalBytes: 0xfffffffe,
  maxRatio: 200,
  freeBytes: 64 * 1024 * 1024,
}
