import { crc32, deflateRawSync } from 'node:zlib'

/** One hand-made entry: every field may lie. `local*` fields override the local header alone. */
export interface RawSpec {
  name: string | Uint8Array
  data?: Uint8Array | string
  deflate?: boolean
  flags?: number
  method?: number
  /** Unix mode with file type. */
  mode?: number
  size?: number
  compressedSize?: number
  crc?: number
  localName?: string
  localSize?: number
  extra?: Uint8Array
  comment?: string
  /** Directory record only: points at the local header of the entry with this index. */
  sameAs?: number
  /** Bytes between this entry and the one before. */
  gap?: number
  /** Bytes behind the deflate stream, inside the packed size. */
  tail?: number
}

export interface RawOptions {
  comment?: string
  entryCount?: number
  offsetShift?: number
  /** Appends records of directory size that the end record does not count. */
  trailing?: Uint8Array
}

/** Builds a zip by hand from the field table of the format description, for archives no honest writer makes. */
export function rawZip(specs: readonly RawSpec[], options: RawOptions = {}): Uint8Array {
  const parts: Buffer[] = []
  const records: Buffer[] = []
  const offsets: number[] = []
  let at = 0
  const push = (bytes: Buffer): void => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const spec of specs) {
    const name = Buffer.from(spec.name as string)
    const plain = Buffer.from((spec.data ?? '') as string)
    const packed = Buffer.concat([spec.deflate ? deflateRawSync(plain) : plain, Buffer.alloc(spec.tail ?? 0)])
    const shared = Buffer.alloc(24)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(spec.flags ?? 0x800, 2)
    shared.writeUInt16LE(spec.method ?? (spec.deflate ? 8 : 0), 4)
    shared.writeUInt16LE(0x21, 8)
    shared.writeUInt32LE(spec.crc ?? crc32(plain), 10)
    shared.writeUInt32LE(spec.compressedSize ?? packed.length, 14)
    shared.writeUInt32LE(spec.size ?? plain.length, 18)
    shared.writeUInt16LE(name.length, 22)
    if (spec.gap) push(Buffer.alloc(spec.gap))
    offsets.push(spec.sameAs === undefined ? at : offsets[spec.sameAs])
    if (spec.sameAs === undefined) {
      const local = Buffer.alloc(30)
      local.writeUInt32LE(0x04034b50, 0)
      shared.copy(local, 4)
      const localName = spec.localName === undefined ? name : Buffer.from(spec.localName)
      local.writeUInt16LE(localName.length, 26)
      if (spec.localSize !== undefined) local.writeUInt32LE(spec.localSize, 22)
      push(Buffer.concat([local, localName, packed]))
    }
    const extra = Buffer.from(spec.extra ?? new Uint8Array(0))
    const comment = Buffer.from(spec.comment ?? '')
    const record = Buffer.alloc(46)
    record.writeUInt32LE(0x02014b50, 0)
    record.writeUInt16LE((3 << 8) | 20, 4)
    shared.copy(record, 6)
    record.writeUInt16LE(extra.length, 30)
    record.writeUInt16LE(comment.length, 32)
    record.writeUInt32LE(((spec.mode ?? 0o100644) << 16) >>> 0, 38)
    record.writeUInt32LE(offsets[offsets.length - 1], 42)
    records.push(Buffer.concat([record, name, extra, comment]))
  }
  const start = at
  for (const record of records) push(record)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(options.entryCount ?? specs.length, 8)
  end.writeUInt16LE(options.entryCount ?? specs.length, 10)
  end.writeUInt32LE(at - start, 12)
  end.writeUInt32LE(start + (options.offsetShift ?? 0), 16)
  const comment = Buffer.from(options.comment ?? '')
  end.writeUInt16LE(comment.length, 20)
  push(Buffer.concat([end, comment, Buffer.from(options.trailing ?? new Uint8Array(0))]))
  return Buffer.concat(parts)
}
